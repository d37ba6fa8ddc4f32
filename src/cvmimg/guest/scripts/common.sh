#!/bin/sh
# Part of cvmimg, put before each of its scripts. POSIX sh; runs under dash, bash and busybox.
# Nothing that is read here is ever run: values are only printed, compared, or used as one quoted
# path. CVMIMG_GUEST_ROOT names the folder that holds the guest; it is empty inside a real one.
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

has() {
    command -v "$1" >/dev/null 2>&1
}

# program NAME: what to call a program that acts on the whole system. Over a root folder only the
# folder's own will do, by its full path: a shell that has the name built in must not act on the
# machine that holds the folder.
program() {
    if [ -n "$root" ]; then
        printf '%s' "$root/usr/bin/$1"
    else
        printf '%s' "$1"
    fi
}

# encoded: standard input as one word of base64 or, without base64, of hexadecimal digits.
encoded() {
    if has base64; then
        printf 'base64:'
        base64 | tr -d '\n'
    else
        printf 'hex:'
        od -An -v -tx1 | tr -d ' \n'
    fi
}

# packed: standard input as one short word.
packed() {
    if gzip -n </dev/null >/dev/null 2>&1; then
        printf 'gzip+'
        gzip -n -9 | encoded
    else
        encoded
    fi
}

# sha256 FILE: its digest, or nothing.
sha256() {
    [ -f "$1" ] && sha256sum <"$1" 2>/dev/null | cut -c 1-64
}

# say KEY TEXT: a line of the script's answer.
say() {
    printf 'cvmimg %s %s\n' "$1" "$(printf '%s' "$2" | encoded)"
}

# inside PATH: PATH with all links followed, if it lies in the guest.
inside() {
    real=$(readlink -f "$1") || return 1
    case $real in
    "$root"/*) printf '%s' "$real" ;;
    *) return 1 ;;
    esac
}

# check_operation NAME: leave, if it could be anything but the end of a file's name.
check_operation() {
    case $1 in
    *[!a-z0-9-]*) exit 2 ;;
    esac
}
