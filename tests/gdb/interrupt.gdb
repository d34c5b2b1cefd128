break hit
continue
delete
break pthread_join
# main waits for the thread that spins, which is told to go on
continue
delete
set var quit = 0
shell (sleep 0.3; kill -INT $PPID) &
continue
info threads
set $before = spins
shell (sleep 0.3; kill -INT $PPID) &
continue
printf "= moved %d\n", spins != $before
set var quit = 1
continue
