# SPDX-License-Identifier: MIT
# The C compiler, inside: compiles, assembles, links and runs a program.
# wants: usr/bin/gcc usr/include/stdio.h
cat >p.c <<'END'
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static atomic_int hits; static __thread int mine; static jmp_buf back;
static void *run(void *p) { for (int i = 0; i < 10000; i++) { hits++; mine++; } return (void *)(long)(mine + *(int *)p); }
static int cmp(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }
int main(int argc, char **argv)
{
    pthread_t t[4]; long sum = 0; int k = 1; const char *w[] = { "pear", "apple", "fig" }; double x = 0;
    for (int i = 0; i < 4; i++) pthread_create(t + i, 0, run, &k);
    for (int i = 0; i < 4; i++) { void *r; pthread_join(t[i], &r); sum += (long)r; }
    qsort(w, 3, sizeof *w, cmp);
    for (int i = 1; i < 1000; i++) x += sin(i) / i;
    if (setjmp(back) == 0) longjmp(back, 1);
    fopen("/nonexistent", "r");
    printf("%d %ld %s %.12f %s %s %d\n", (int)hits, sum, w[0], x, strerror(errno), argv[1], argc);
    return 42;
}
END
for o in -O0 -O2 "-O3 -flto" "-Os -static" "-O2 -fPIE -pie"; do
    gcc $o -Wall -o p p.c -lm -lpthread && ./p "$o"; echo "status $?"
done
gcc -O2 -S -o - p.c | grep -c '^main:'; gcc -shared -fPIC -o libx.so -xc - <<'END' && ls libx.so
int f(int a) { return a * 3; }
END
echo 'int f(int); int main(void) { return f(5); }' | gcc -xc - -L. -lx -Wl,-rpath,"$PWD" -o q && ./q; echo $?
echo 'int main(void) { return undeclared; }' | gcc -xc - -o r 2>&1 | grep -c error; nm p | grep -c ' T main'; objdump -d p | grep -c '<main>:'; ar rc l.a libx.so; ar t l.a; strip p && ./p stripped; echo $?
