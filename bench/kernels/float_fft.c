// SPDX-License-Identifier: MIT
/* bench/kernels/float_fft.c -- A complex FFT in doubles, forth and back. */
#include "bench/kernels/bench.h"
#include <math.h>

enum { BITS = 12, N = 1 << BITS };

static double re[N], im[N], wr[N / 2], wi[N / 2];

static void fft(int back)
{
    for (unsigned i = 0; i < N; i++) {
        unsigned j = 0;

        for (int k = 0; k < BITS; k++)
            j |= (i >> k & 1) << (BITS - 1 - k);
        if (j > i) {
            double t = re[i];

            re[i] = re[j];
            re[j] = t;
            t = im[i];
            im[i] = im[j];
            im[j] = t;
        }
    }
    for (int len = 2; len <= N; len *= 2)
        for (int i = 0; i < N; i += len)
            for (int k = 0; k < len / 2; k++) {
                double c = wr[k * (N / len)], s = back ? -wi[k * (N / len)] : wi[k * (N / len)];
                int p = i + k, q = p + len / 2;
                double x = re[q] * c - im[q] * s, y = re[q] * s + im[q] * c;

                re[q] = re[p] - x;
                im[q] = im[p] - y;
                re[p] += x;
                im[p] += y;
            }
}

int main(int argc, char **argv)
{
    uint32_t seed = 29;
    uint64_t sum = 0;
    double c = 1, s = 0;
    /* Twiddles by rotation: libm's last bit may differ between hosts. */
    const double step_c = 0.99999882345170188, step_s = 0.0015339801862847655;

    for (int i = 0; i < N / 2; i++) {
        double t = c * step_c - s * step_s;

        wr[i] = c;
        wi[i] = s;
        s = c * step_s + s * step_c;
        c = t;
    }
    for (int i = 0; i < N; i++)
        re[i] = (int32_t)bench_random(&seed) * 0x1p-31;
    for (int r = 0; r < bench_scale(argc, argv) * 400; r++) {
        fft(0);
        fft(1);
        for (int i = 0; i < N; i++) {
            re[i] *= 1.0 / N;
            im[i] *= 1.0 / N;
        }
    }
    for (int i = 0; i < N; i += 64)
        sum = bench_mix(sum, bench_bits(re[i]));
    return bench_done(sum);
}
