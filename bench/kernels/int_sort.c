// SPDX-License-Identifier: MIT
/* bench/kernels/int_sort.c -- Quicksort and heapsort of 32-bit numbers, comparisons in line: branches that can't be foreseen. */
#include "bench/kernels/bench.h"

enum { N = 200000 };

static void quick(int32_t *a, long lo, long hi)
{
    while (lo < hi) {
        int32_t pivot = a[(lo + hi) / 2];
        long i = lo, j = hi;

        while (i <= j) {
            while (a[i] < pivot)
                i++;
            while (a[j] > pivot)
                j--;
            if (i <= j) {
                int32_t t = a[i];

                a[i++] = a[j];
                a[j--] = t;
            }
        }
        if (j - lo < hi - i) {
            quick(a, lo, j);
            lo = i;
        } else {
            quick(a, i, hi);
            hi = j;
        }
    }
}

static void sift(int32_t *a, long i, long n)
{
    int32_t v = a[i];

    for (long c; (c = 2 * i + 1) < n; i = c) {
        if (c + 1 < n && a[c + 1] > a[c])
            c++;
        if (a[c] <= v)
            break;
        a[i] = a[c];
    }
    a[i] = v;
}

static void heap(int32_t *a, long n)
{
    for (long i = n / 2; i-- > 0;)
        sift(a, i, n);
    while (--n > 0) {
        int32_t t = a[0];

        a[0] = a[n];
        a[n] = t;
        sift(a, 0, n);
    }
}

int main(int argc, char **argv)
{
    static int32_t a[N];
    uint32_t seed = 7;
    uint64_t sum = 0;
    int n = bench_scale(argc, argv) * 20;

    for (int r = 0; r < n; r++) {
        for (int i = 0; i < N; i++)
            a[i] = bench_random(&seed);
        if (r & 1)
            heap(a, N);
        else
            quick(a, 0, N - 1);
        for (int i = 0; i < N; i += 1000)
            sum = bench_mix(sum, (uint32_t)a[i]);
    }
    return bench_done(sum);
}
