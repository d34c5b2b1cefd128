shell (sleep 0.4; kill -INT $PPID) &
continue
backtrace
printf "= sum %d\n", nap(10)
shell (sleep 1.5; kill -INT $PPID) &
continue
set var go = 1
printf "= pc %d\n", $pc > 0
kill
