break hit
continue
delete
set var hold = 1
shell (sleep 0.3; kill -INT $PPID) &
continue
info threads
set $before = spins
shell (sleep 0.3; kill -INT $PPID) &
continue
printf "= moved %d\n", spins != $before
set var hold = 0
continue
