# SPDX-License-Identifier: MIT
# gdb as far as it goes without controlling another process: symbols, disassembly, expressions, Python.
# wants: usr/bin/gdb usr/bin/gcc
# time: 300
cat >p.c <<'END'
struct point { int x; double y; char *name; };
struct point origin = { 1, 2.5, "zero" };
enum colour { RED, GREEN = 5 };
enum colour c = GREEN;
static int add(int a, int b) { return a + b; }
int main(void) { return add(origin.x, 2); }
END
gcc -g -O0 -fno-stack-protector -o p p.c || exit
gdb -nx -batch -ex 'set style enabled off' -ex 'print origin' -ex 'ptype struct point' -ex 'print c' -ex 'print sizeof(origin)' -ex 'print origin.y * 2' \
    -ex 'list add' -ex 'info functions add' -ex 'print (5 + 3) * 7 % 10' -ex 'print/x 255' -ex 'print $_siginfo' \
    -ex 'python print(sum(range(10)), gdb.lookup_type("struct point").fields()[1].name)' -ex 'whatis add' p 2>&1 | sed 's/0x[0-9a-f]*/ADDR/g'
gdb -nx -batch -ex 'disassemble main' p | tail -n 1
