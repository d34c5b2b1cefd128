# SPDX-License-Identifier: MIT
noinst_HEADERS += ports/block.h
noinst_HEADERS += ports/bytes.h
noinst_HEADERS += ports/clock.h
noinst_HEADERS += ports/flash.h
noinst_HEADERS += ports/irq.h
noinst_HEADERS += ports/packet.h
noinst_HEADERS += ports/random.h
