# SPDX-License-Identifier: MIT
# Becomes bin_PROGRAMS when every translator of the decode table and a backend are in the tree.
EXTRA_PROGRAMS = moa
noinst_LIBRARIES += cmd/libcmd.a
cmd_libcmd_a_SOURCES = cmd/binfmt.c cmd/cmd.h cmd/user.c cmd/user_options.c
moa_SOURCES = cmd/moa.c
moa_LDADD = cmd/libcmd.a linux-user/liblinux_user.a debug/libdebug.a host/libhost.a \
	frontends/libfrontends.a frontends/arm64/libarm64.a frontends/common/libcommon.a \
	tcg/libtcg.a base/libbase.a $(FFI_LIBS) $(CAPSTONE_LIBS)
