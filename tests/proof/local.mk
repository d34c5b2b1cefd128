# SPDX-License-Identifier: MIT
# The proofs of docs/proofs.md.
dist_check_SCRIPTS += tests/proof/leave.sh
TESTS += tests/proof/leave.sh
tests/proof/leave.log: tests/diff/diff_gen$(EXEEXT) moa$(EXEEXT)
