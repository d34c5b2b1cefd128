break body
continue
# over the call
next
printf "= a %d\n", a
next
printf "= b %d\n", b
next
printf "= at %d\n", at
next
printf "= write %d\n", b
delete
tbreak leaf
jump body
printf "= x %d\n", x
finish
printf "= in middle %d\n", $pc > (unsigned long)middle
stepi
nexti
step
step
info symbol $pc
up
info symbol $pc
down
finish
until
advance 30
advance 30
printf "= b %d\n", b
set scheduler-locking on
stepi
stepi
printf "= stepped %d\n", $pc > (unsigned long)body
set scheduler-locking off
delete
kill
