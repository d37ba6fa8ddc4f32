#!/bin/sh
# A first look: create an image, list it, and launch three instances from it. Everything happens in
# the sandbox, a simulated Tencent Cloud whose time runs 60 times as fast, and in a folder that is
# removed afterwards.
set -eu

state=$(mktemp -d)
trap 'rm -rf "$state"' EXIT
export CVMIMG_SANDBOX=1 CVMIMG_STATE_DIR="$state" CVMIMG_CONFIG=/dev/null

if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else bold='' plain=''; fi

show() {
    printf '\n%s$ %s%s\n' "$bold" "$*" "$plain"
    "$@"
}

show cvmimg check --instance ins-web00001 --name web-v2
show cvmimg create --instance ins-web00001 --name web-v2
show cvmimg list
show cvmimg launch --image web-v2 --count 3 --yes

printf '\nTry it yourself, with --sandbox instead of an account: cvmimg --sandbox --help\n'
printf 'It is installed in .venv/bin; `. .venv/bin/activate` adds that to your PATH.\n'
