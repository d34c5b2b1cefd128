# SPDX-License-Identifier: MIT
# The shell itself: expansion, arrays, pipelines, traps, jobs, here-documents, arithmetic.
# wants: usr/bin/bash
exec bash <<'END'
fib() { local n=$1; if ((n < 2)); then echo $n; else echo $(( $(fib $((n-1))) + $(fib $((n-2))) )); fi; }
fib 9
a=(one two three); a+=(four); echo "${a[@]^^}" "${#a[@]}" "${a[@]:1:2}"
declare -A m=([x]=1 [y]=2); for k in x y; do echo "$k=${m[$k]}"; done
s=abcdefabc; echo "${s//abc/-}" "${s%abc}" "${s#abc}" "${s:2:3}" "${s/d*f/}"
[[ foo123 =~ ^([a-z]+)([0-9]+)$ ]] && echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"
printf '%05d %x %o %e %q\n' 42 255 8 1234.5 'a b'
trap 'echo got USR1' USR1; kill -USR1 $$
(exit 7); echo $?
sleep 0.1 & wait $!; echo "waited $?"
sleep 30 & p=$!; sleep 0.2; kill $p; wait $p; echo "killed $?"
sleep 30 & p=$!; sleep 0.2; { kill -9 $p; wait $p; } 2>/dev/null; echo "killed $?"
seq 1 100 | while read -r n; do ((s += n)); [ $n = 100 ] && echo $s; done
false | true; echo "${PIPESTATUS[@]}"
diff <(seq 1 5) <(seq 1 6); echo $?
cat <<X
here $((2**62)) $(echo sub)
X
read -r -t 0.2 x < <(sleep 1); [ $? -gt 128 ] && echo timeout
i=0; until ((++i >= 5000)); do :; done; echo $i
exec 3>out; echo three >&3; exec 3>&-; cat out
coproc cat; echo through >&"${COPROC[1]}"; read -r l <&"${COPROC[0]}"; echo "$l"
trap 'echo bye' EXIT
exit 3
END
