handle SIGALRM nostop noprint pass
break main
continue
continue
printf "= signo %d code %d pid %d\n", $_siginfo.si_signo, $_siginfo.si_code, $_siginfo._sifields._kill.si_pid > 0
# stepping with a signal ends at its handler
break on_usr1
stepi
printf "= in handler %d\n", $pc == (unsigned long)on_usr1
continue
backtrace
finish
printf "= usr1 %d\n", usr1
delete
continue
printf "= value %d usr2 %d\n", value, usr2
# not passed
signal 0
printf "= value %d usr2 %d\n", value, usr2
# another one instead
signal SIGUSR1
printf "= value %d usr1 %d usr2 %d alarms %d\n", value, usr1, usr2, alarms
signal 0
printf "= value %d\n", value
printf "= signo %d addr %x\n", $_siginfo.si_signo, $_siginfo._sifields._sigfault.si_addr
signal SIGSEGV
