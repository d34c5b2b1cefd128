// SPDX-License-Identifier: MIT
/* tests/guest/memory.c -- corner cases of mmap, munmap, mprotect, mremap and brk (their manual
 * pages). */
#include "tests/guest/guest.h"

#include <stdint.h>
#include <sys/mman.h>

#define P 4096ul
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

int main(void)
{
    char *a, *b, *brk0;

    a = mmap(NULL, 4 * P, PROT_READ | PROT_WRITE, ANON, -1, 0);
    CHECK(a != MAP_FAILED && ((uintptr_t)a & (P - 1)) == 0);
    CHECK(mmap(NULL, 0, PROT_READ, ANON, -1, 0) == MAP_FAILED && errno == EINVAL);
    CHECK(mmap(a + 1, P, PROT_READ, ANON | MAP_FIXED, -1, 0) == MAP_FAILED && errno == EINVAL);
    CHECK(mmap(a, P, PROT_READ, ANON | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED &&
          errno == EEXIST);
    memset(a, 7, 4 * P);
    CHECK(mmap(a + P, P, PROT_READ | PROT_WRITE, ANON | MAP_FIXED, -1, 0) == a + P);
    CHECK(a[0] == 7 && a[P] == 0 && a[2 * P] == 7);
    CHECK(munmap(a + P, P) == 0 && munmap(a + P, P) == 0); /* a hole is no error */
    CHECK(mprotect(a, 3 * P, PROT_READ) == -1 && errno == ENOMEM);
    CHECK(msync(a + P, P, MS_SYNC) == -1 && errno == ENOMEM);
    CHECK(madvise(a + 2 * P, P, MADV_DONTNEED) == 0 && a[2 * P] == 0 && a[3 * P] == 7);
    CHECK(munmap(a + 1, P) == -1 && errno == EINVAL);

    b = mremap(a + 3 * P, P, 3 * P, MREMAP_MAYMOVE);
    CHECK(b != MAP_FAILED && b[0] == 7 && b[2 * P] == 0);
    b[2 * P] = 9;
    CHECK(mremap(b, 3 * P, P, 0) == b);
    CHECK(mremap(b, P, 2 * P, 4096) == MAP_FAILED && errno == EINVAL);
    a = mmap(NULL, 8 * P, PROT_NONE, ANON, -1, 0);
    CHECK(mremap(b, P, 2 * P, MREMAP_MAYMOVE | MREMAP_FIXED, a + 2 * P) == a + 2 * P);
    CHECK(a[2 * P] == 7 && a[3 * P] == 0);
    CHECK(mremap(b, P, P, 0) == MAP_FAILED && errno == EFAULT); /* it moved away */

    brk0 = sbrk(0);
    CHECK(sbrk(3 * (long)P) == brk0);
    brk0[0] = 1;
    brk0[3 * P - 1] = 2;
    CHECK(sbrk(-3 * (long)P) == brk0 + 3 * P && sbrk(3 * (long)P) == brk0);
    CHECK(brk0[3 * P - 1] == 0 || ((uintptr_t)brk0 & (P - 1))); /* fresh pages are zero */
    passed("memory");
}
