// SPDX-License-Identifier: MIT
/* Helper calls of the interpreter, through libffi: the call interface is prepared once per call
 * site. Conventions: tcg/ir.h, struct tcg_helper. i128 travels as a vector of its two halves. */
#include "backends/interp/interp.h"

#include "tcg/leave.h"

static bool by_pointer(unsigned t)
{
    return t == TCG_I128 || t == TCG_V64 || t == TCG_V128;
}

static ffi_type *ffi_of(unsigned t)
{
    switch (t) {
    case TCG_VOID: return &ffi_type_void;
    case TCG_I32: return &ffi_type_uint32;
    case TCG_I64:
    case TCG_F16:
    case TCG_F32:
    case TCG_F64: return &ffi_type_uint64;
    default: return by_pointer(t) ? &ffi_type_pointer : NULL;
    }
}

bool in_call_prepare(struct in_call *c)
{
    const struct tcg_helper *h = c->h;
    ffi_type *ret = by_pointer(h->ret) ? &ffi_type_void : ffi_of(h->ret);
    unsigned n = 0;

    if (h->flags & TCG_H_LEAVE)
        ret = &ffi_type_uint32;
    if (h->flags & TCG_H_VCPU)
        c->types[n++] = &ffi_type_pointer;
    if (by_pointer(h->ret) && !(h->flags & TCG_H_LEAVE))
        c->types[n++] = &ffi_type_pointer;
    for (unsigned i = 0; i < h->nargs; i++) {
        c->types[n] = ffi_of(h->args[i]);
        if (!c->types[n++])
            return false;
    }
    return ret && ffi_prep_cif(&c->cif, FFI_DEFAULT_ABI, n, ret, c->types) == FFI_OK;
}

uint32_t in_call(struct tcg_vcpu *v, const struct in_call *c, uint64_t *frame, uint64_t *d)
{
    const struct tcg_helper *h = c->h;
    bool leaves = h->flags & TCG_H_LEAVE;
    void *values[8], *pointers[8], *vcpu = v;
    struct tcg_vec vec[6], result = {{0, 0}};
    uint32_t words[6];
    union {
        ffi_arg word; /* results narrower than a register are widened to one */
        uint64_t dword;
    } ret = {0};
    unsigned n = 0;

    if (v->overlay && !(h->flags & (TCG_H_PURE | TCG_H_VCPU)))
        v->overlay->full = true; /* time, random numbers: not the same twice */
    if (h->flags & TCG_H_VCPU)
        values[n++] = &vcpu;
    if (by_pointer(h->ret) && !leaves) {
        pointers[n] = &result;
        values[n] = &pointers[n];
        n++;
    }
    for (unsigned i = 0; i < h->nargs; i++, n++) {
        uint64_t *a = frame + c->args[i];

        if (h->args[i] == TCG_I32) {
            words[i] = (uint32_t)*a;
            values[n] = &words[i];
        } else if (by_pointer(h->args[i])) {
            vec[i].d[0] = a[0];
            vec[i].d[1] = h->args[i] == TCG_V64 ? 0 : a[1];
            pointers[n] = &vec[i];
            values[n] = &pointers[n];
        } else {
            values[n] = a;
        }
    }
    ffi_call((ffi_cif *)(uintptr_t)&c->cif, h->fn, &ret, values);
    if (leaves)
        return (uint32_t)ret.word;
    if (by_pointer(h->ret)) {
        d[0] = result.d[0];
        d[1] = h->ret == TCG_V64 ? 0 : result.d[1];
    } else if (h->ret == TCG_I32) {
        *d = (uint32_t)ret.word;
    } else if (h->ret != TCG_VOID) {
        *d = ret.dword;
    }
    return 0;
}
