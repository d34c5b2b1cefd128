break shared
watch touched
continue
printf "= n %d status %d %d\n", n, status1 >> 8, status2 >> 8
continue
printf "= touched %d\n", touched
delete
continue
