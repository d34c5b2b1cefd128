break twice
continue
printf "= x %d\n", x
backtrace
info registers pc sp cpsr
next
printf "= y %d\n", y
finish
delete
hbreak twice
continue
info breakpoints
delete
tbreak stop
continue
up
printf "= r %d half %g\n", r, half
# registers
set $x9 = 0x123456789abcdef0
printf "= x9 %lx\n", $x9
set $v3.d.u[0] = 0x4008000000000000
set $v3.d.u[1] = 7
printf "= v3 %g %d\n", $v3.d.f[0], $v3.d.u[1]
printf "= d3 %g\n", $d3
p $v3
info registers fpsr fpcr
# calls of the program's functions
printf "= call %d\n", twice(21)
printf "= add %g\n", add(1.5, 2.25)
# memory
printf "= bytes %d %d\n", bytes[1], bytes[63]
set var bytes[63] = 200
printf "= byte %d\n", bytes[63]
x/2i &stop
info auxv
info proc mappings
info inferiors
continue
