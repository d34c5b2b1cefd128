break work
continue
delete
watch counter
continue
printf "= old pc in work %d counter %d\n", ($pc > (unsigned long)work) && ($pc < (unsigned long)fill), counter
continue
printf "= counter %d\n", counter
continue
printf "= counter %d\n", counter
delete
rwatch reads
continue
backtrace 1
delete
awatch half
continue
printf "= half %g\n", half
continue
printf "= half %g\n", half
delete
watch bytes[40]
continue
printf "= i %u\n", bytes[40]
delete
continue
