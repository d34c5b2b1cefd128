# SPDX-License-Identifier: MIT
# bash completion for moa-img
_moa_img()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words
    if [ "$COMP_CWORD" = 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W 'bench check commit compare convert create info map rebase resize snapshot --help --version' -- "$cur")
        return
    fi
    case $prev in
    -f|-F|-O) mapfile -t COMPREPLY < <(compgen -W 'raw qcow2' -- "$cur"); return;;
    -t|-T) mapfile -t COMPREPLY < <(compgen -W 'none writeback writethrough directsync unsafe' -- "$cur"); return;;
    -r) mapfile -t COMPREPLY < <(compgen -W 'leaks all' -- "$cur"); return;;
    -o) mapfile -t COMPREPLY < <(compgen -S = -W 'backing_file backing_fmt cluster_size compat compression_type lazy_refcounts
            preallocation refcount_bits size' -- "$cur"); return;;
    esac
    case ${COMP_WORDS[1]} in
    bench) words='-c -d -f --flush-interval= -o --pattern= -q -s -S -t -w -U';;
    check) words='-f -r -q -T -U --output=human --output=json';;
    commit) words='-f -t -b -d -p -q';;
    compare) words='-f -F -T -p -q -s -U';;
    convert) words='-c -f -O -B -F -o -l -S -m -n -p -q -t -T -U -W';;
    create) words='-f -b -F -o -q -u';;
    info) words='-f -U --output=human --output=json --backing-chain';;
    map) words='-f -s -l -U --output=human --output=json';;
    rebase) words='-f -b -F -u -p -q -t -T -U';;
    resize) words='-f -q --preallocation= --shrink';;
    snapshot) words='-l -a -c -d -f -q -U';;
    esac
    case $cur in
    -*) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur");;
    *) mapfile -t COMPREPLY < <(compgen -f -- "$cur");;
    esac
}
complete -o filenames -F _moa_img moa-img
