break main
continue
info sharedlibrary
next
printf "= ready %d\n", ready
break malloc
continue
backtrace
finish
delete
printf "= outside %d\n", $pc > (unsigned long)main
next
next
printf "= ready %d\n", ready
info proc exe
continue
