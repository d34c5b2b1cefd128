# SPDX-License-Identifier: MIT
devices_libdevices_a_SOURCES += devices/nvme/nvme.c devices/nvme/nvme.h
devices_libdevices_a_SOURCES += devices/nvme/nvme_admin.c devices/nvme/nvme_state.h
devices_libdevices_a_SOURCES += devices/nvme/nvme_identify.c
devices_libdevices_a_SOURCES += devices/nvme/nvme_io.c
EXTRA_DIST += devices/nvme/README.md
