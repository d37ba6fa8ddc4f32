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

# sha256 FILE: its digest, or nothing.
sha256() {
    sha256sum <"$1" 2>/dev/null | cut -c 1-64
}

# say WORD TEXT…: the script's answer, a line a fact.
say() {
    printf 'cvmimg %s %s\n' "$1" "$(printf '%s' "${2:-}" | encoded)"
}
