# SPDX-License-Identifier: MIT
include frontends/common/local.mk
