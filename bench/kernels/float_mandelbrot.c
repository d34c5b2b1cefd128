// SPDX-License-Identifier: MIT
/* bench/kernels/float_mandelbrot.c -- The Mandelbrot set in scalar doubles: a chain of multiplies with a compare. */
#include "bench/kernels/bench.h"

int main(int argc, char **argv)
{
    uint64_t sum = 0;
    int size = 260;

    for (int r = 0; r < bench_scale(argc, argv) * 6; r++)
        for (int py = 0; py < size; py++) {
            uint64_t row = 0;

            for (int px = 0; px < size; px++) {
                double cx = 3.0 * px / size - 2.0 + r * 1e-4, cy = 2.0 * py / size - 1.0, x = 0, y = 0;
                int i = 0;

                while (i < 400 && x * x + y * y <= 4.0) {
                    double t = x * x - y * y + cx;

                    y = 2 * x * y + cy;
                    x = t;
                    i++;
                }
                row += i;
            }
            sum = bench_mix(sum, row);
        }
    return bench_done(sum);
}
