break begin
continue
printf "= n %d\n", n
continue
printf "= n %d\n", n
catch exec
continue
info inferiors
continue
printf "= n %d generation %d\n", n, generation
watch generation
continue
printf "= generation %d\n", generation
delete
continue
