# Part of inspect.sh: what a new instance inherits of this one, and what may keep it from booting.
# Read-only. Records names, paths and counts, never the content of a file. Only regular files are
# opened: reading a pipe or a device may wait forever.
most_homes=5000
most_found=200
# Arguments are collected so many at a time: shells copy all of them for each one that is added.
most_arguments=200

# observe KIND SUBJECT [VALUE]
observe() {
    record "observed:$1" "$2" "${3:-}"
}

# observe_file KIND PATH [VALUE]: if the file exists.
observe_file() {
    if [ -e "$root$2" ]; then
        observe "$1" "$2" "${3:-}"
    fi
}

# observe_files KIND PATH…: those that are regular files and not empty; the paths are in the guest.
observe_files() {
    kind=$1
    shift
    for observed in "$@"; do
        if [ -f "$observed" ] && [ -s "$observed" ]; then
            observe "$kind" "${observed#"$root"}"
        fi
    done
}

# observe_lines KIND: one for each line of standard input, which are paths in the guest.
observe_lines() {
    head -n "$most_found" | while IFS= read -r line; do
        observe "$1" "${line#"$root"}"
    done
}

# matches FILE EXPRESSION…: whether a line matches one of the basic regular expressions.
matches() {
    [ -f "$1" ] || return 1
    matched_file=$1
    shift
    for expression in "$@"; do
        set -- "$@" -e "$expression"
        shift
    done
    head -c "$file_limit" "$matched_file" | grep -q "$@"
}

# files_with SIZE DEPTH EXPRESSION PATH…: regular files below the paths, with fewer blocks of
# 512 bytes than SIZE and a line that matches.
files_with() {
    size=$1
    depth=$2
    expression=$3
    shift 3
    [ $# -gt 0 ] || return 0
    find "$@" -maxdepth "$depth" -type f -size "-$size" -exec grep -l -e "$expression" /dev/null {} +
}

readiness() {
    boot
    identity
    secrets
    consistency
}
