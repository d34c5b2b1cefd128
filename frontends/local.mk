# SPDX-License-Identifier: MIT
include frontends/arm64/local.mk
