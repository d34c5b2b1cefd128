# SPDX-License-Identifier: MIT
# Python's own tests, one module at a time ($1).
# wants: usr/lib/python3.11/test/test_float.py
# each: test_float test_math test_struct test_json test_re test_mmap test_threading test_signal
# long: test_socket test_subprocess test_asyncio test_decimal test_ctypes
# time: 1200
# vsock waits for a peer for ever in some virtual machines; --timeout stretches what the tests wait for each other
python3 -m test -q --timeout 2400 -i "*VSOCK*" "$1" >log 2>&1
s=$?
[ $s = 0 ] || cat log
[ $s != 0 ] || echo passed
exit $s
