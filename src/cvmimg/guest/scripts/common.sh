#!/bin/sh
# First part of every cvmimg script. POSIX sh; runs under dash, bash and busybox.
# Nothing that is read here is ever executed: values are only printed, compared, or used as one
# quoted path. CVMIMG_GUEST_ROOT names the directory with the guest's files; it is empty in a guest.
set -u
umask 077
LC_ALL=C
export LC_ALL
root=${CVMIMG_GUEST_ROOT:-}
if [ -n "$root" ]; then
    root=$(cd -P "$root" && pwd) || exit 1
else
    PATH=${PATH:-}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    export PATH
fi
# Files of operations in progress; gone after a restart.
state_dir=$root/run/cvmimg

# The shell's profile may print a banner before this script, and the agent merges stderr into the
# output, so markers show where the script's own output begins and ends.
exec 2>/dev/null
printf '\ncvmimg-begin\n'
trap 'printf "\ncvmimg-end\n"' EXIT

has() {
    command -v "$1" >/dev/null 2>&1
}

# program NAME: the command for a program that acts on the whole system. With a root directory it
# is the one in there, by its full path, so that no shell built-in acts on the host.
program() {
    if [ -n "$root" ]; then
        printf '%s' "$root/usr/bin/$1"
    else
        printf '%s' "$1"
    fi
}

# encode: standard input as one word of base64 or, without base64, of hexadecimal digits.
encode() {
    if has base64; then
        printf 'base64:'
        base64 | tr -d '\n'
    else
        printf 'hex:'
        od -An -v -tx1 | tr -d ' \n'
    fi
}

# pack: standard input as one word, compressed where gzip exists.
pack() {
    if gzip -n </dev/null >/dev/null 2>&1; then
        printf 'gzip+'
        gzip -n -9 | encode
    else
        encode
    fi
}

# sha256 FILE: its digest, or nothing.
sha256() {
    [ -f "$1" ] && sha256sum <"$1" 2>/dev/null | cut -c 1-64
}

# reply KEY TEXT: one line of the script's answer.
reply() {
    printf 'cvmimg %s %s\n' "$1" "$(printf '%s' "$2" | encode)"
}

# resolve PATH: PATH with all links followed, if it is in the guest.
resolve() {
    real=$(readlink -f "$1") || return 1
    case $real in
    "$root"/*) printf '%s' "$real" ;;
    *) return 1 ;;
    esac
}

# check_name NAME: exit unless it is safe as the end of a file name.
check_name() {
    case $1 in
    '' | *[!a-z0-9-]*) exit 2 ;;
    esac
}

# check_number TEXT: exit unless it is a number.
check_number() {
    case $1 in
    '' | *[!0-9]*) exit 2 ;;
    esac
}
