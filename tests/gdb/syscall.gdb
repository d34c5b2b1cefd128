catch syscall write
continue
printf "= nr %d fd %d\n", $x8, $x0
continue
printf "= ret %d\n", $x0
delete
continue
