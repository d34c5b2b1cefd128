# gdb on a machine of two processors, stopped before the first instruction (bare/smp.S).
set pagination off
set confirm off
file smp.elf
target remote smp.sock
printf "start %#lx\n", $pc
break *second
continue
info threads
printf "x0 %#lx\n", $x0
stepi
stepi
printf "pc second+%lu, x5 %#lx\n", $pc - (long)&second, $x5
set var *(long*)&word=0
delete
watch *(long*)&word
continue
printf "word %#lx\n", *(long*)&word
delete
thread 1
printf "x28 says %#x\n", *(int*)$x28
detach
