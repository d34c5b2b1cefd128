break hit
continue
printf "= n %d\n", n
info threads
thread apply all backtrace 3
# all stand still while gdb looks
set $before = spins
shell sleep 0.1
printf "= still %d\n", spins == $before
# only this thread
set scheduler-locking on
set $before = spins
continue
printf "= n %d still %d\n", n, spins == $before
# all threads
set scheduler-locking off
continue
printf "= n %d moved %d\n", n, spins != $before
delete
set scheduler-locking on
thread find spinner
thread 2
printf "= thread %d\n", $_thread
stepi
stepi
printf "= thread %d\n", $_thread
# a function in the thread that sleeps: its call is made again afterwards
thread 3
printf "= thread %d sum %d\n", $_thread, add(40, 2)
set scheduler-locking off
watch quit
thread 1
continue
printf "= quit %d\n", quit
delete
continue
