# SPDX-License-Identifier: MIT
# bash completion for moa
_moa()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
    if [ "${COMP_WORDS[1]}" = system ]; then
        _moa_system
        return
    fi
    case $prev in
    -L) mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return;;
    -D|-D+) mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return;;
    -accel) mapfile -t COMPREPLY < <(compgen -W 'tcg tcg,backend=interp tcg,backend=native' -- "$cur"); return;;
    -E|-U|-0|-cpu|-g|-s|-B|-R|-rlimit|-r|-d|-dfilter|-seed|-p) return;;
    esac
    case $cur in
    -*) mapfile -t COMPREPLY < <(compgen -W '-L -E -U -0 -cpu -g -s -B -R -rlimit -child -r -d -D -D+
            -dfilter -strace -seed -accel -singlestep -one-insn-per-tb -jitdump -perfmap -p -h -help -version' -- "$cur");;
    *) mapfile -t COMPREPLY < <(compgen -f -- "$cur");;
    esac
}
complete -o filenames -F _moa moa moa-aarch64

_moa_system()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
    case $prev in
    -M|-machine) mapfile -t COMPREPLY < <(compgen -W 'virt help' -- "$cur"); return;;
    esac
    case $cur in
    -*) mapfile -t COMPREPLY < <(compgen -W '-M -machine -cpu -smp -m -kernel -initrd -append -bios -dtb -nographic -display -serial
            -chardev -monitor -qmp -qmp-pretty -mon -device -drive -netdev -smbios -uuid -nic -snapshot -loadvm -incoming -S -s -gdb -no-reboot -no-shutdown -icount -rtc -name -d -D -semihosting -semihosting-config -vnc -full-screen -blockdev
            -trace -dfilter -accel -singlestep -one-insn-per-tb -jitdump -perfmap -vga -net -nodefaults
            -no-user-config -h -help -version' -- "$cur");;
    *) mapfile -t COMPREPLY < <(compgen -f -- "$cur");;
    esac
}
complete -o filenames -F _moa_system moa-system-aarch64
