# SPDX-License-Identifier: MIT
include frontends/common/local.mk
include frontends/arm64/local.mk
