break copy
continue
watch bytes[97]
continue
printf "= now %u\n", bytes[97]
delete 2
continue
watch bytes[97]
continue
printf "= now %u\n", bytes[97]
delete
continue
