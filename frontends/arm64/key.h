/* SPDX-License-Identifier: MIT */
/* frontends/arm64/key.h -- the mode word: what a translation depends on besides its bytes.
 *
 * bits 0..1  FPCR.RMode (order of enum tcg_round)
 * bit  2     FPCR.FZ          bit 3  FPCR.DN
 * bit  4     FPCR.FZ16        bit 5  FPCR.AHP
 * bit  6     data addresses lose their top byte (top byte ignore) before the access; set after a
 *            tagged pointer has faulted on the host
 * bit  7     every store marks its granule for the exclusive monitor
 * bit  8     guarded pages exist: indirect branches set BTYPE and landing pads are checked
 * Bits 48..63 belong to the engine. Features of the processor are fixed for an engine's life and
 * hence no part of the key. */
#ifndef FRONTENDS_ARM64_KEY_H
#define FRONTENDS_ARM64_KEY_H

enum a64_key {
    A64_KEYBIT_RMODE = 3, A64_KEYBIT_FZ = 1 << 2, A64_KEYBIT_DN = 1 << 3,
    A64_KEYBIT_FZ16 = 1 << 4, A64_KEYBIT_AHP = 1 << 5, A64_KEYBIT_MASK_TAG = 1 << 6,
    A64_KEYBIT_STORE_MONITOR = 1 << 7, A64_KEYBIT_BTI = 1 << 8,
};

#endif
