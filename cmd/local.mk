# SPDX-License-Identifier: MIT
bin_PROGRAMS += moa
noinst_LIBRARIES += cmd/libcmd.a
cmd_libcmd_a_SOURCES = cmd/accel.c cmd/binfmt.c cmd/cmd.h cmd/system.c cmd/user.c cmd/user_options.c
if MACHINES
cmd_libcmd_a_SOURCES += cmd/system.h cmd/system_net.c cmd/system_options.c
MACHINE_LIBS = monitor/libmonitor.a machines/libmachines.a $(JSON_LIBS) $(HOST_DISPLAY) host/char/libchar.a devices/libdevices.a \
	softmmu/libsoftmmu.a mem/libmem.a host/block/libblock.a $(HOST_NET) $(FDT_LIBS) $(GLIB_LIBS) $(BLOCK_LIBS)
endif
moa_SOURCES = cmd/moa.c
moa_LDADD = cmd/libcmd.a $(MACHINE_LIBS) linux-user/liblinux_user.a debug/libdebug.a host/libhost.a \
	frontends/libfrontends.a frontends/arm64/libarm64.a backends/libbackends.a $(X64_LIB) \
	backends/interp/libinterp.a tcg/libtcg.a frontends/arm64/libarm64.a tcg/libtcg.a \
	frontends/common/libcommon.a base/libbase.a $(FFI_LIBS) $(CAPSTONE_LIBS)

bin_PROGRAMS += moa-img
moa_img_SOURCES = cmd/img.c
moa_img_SOURCES += cmd/img.h
moa_img_SOURCES += cmd/img_bench.c
moa_img_SOURCES += cmd/img_check.c
moa_img_SOURCES += cmd/img_commit.c
moa_img_SOURCES += cmd/img_compare.c
moa_img_SOURCES += cmd/img_convert.c
moa_img_SOURCES += cmd/img_copy.c
moa_img_SOURCES += cmd/img_copy.h
moa_img_SOURCES += cmd/img_create.c
moa_img_SOURCES += cmd/img_info.c
moa_img_SOURCES += cmd/img_map.c
moa_img_SOURCES += cmd/img_rebase.c
moa_img_SOURCES += cmd/img_resize.c
moa_img_SOURCES += cmd/img_snapshot.c
moa_img_SOURCES += cmd/img_util.c
moa_img_LDADD = host/block/libblock.a base/libbase.a $(BLOCK_LIBS)
