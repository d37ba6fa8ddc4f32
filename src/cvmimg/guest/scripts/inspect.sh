# Read what decides whether a copy of this system boots. Read-only.
# Parameters: offset, the number of characters that were fetched already; size, of this part.
# Gathers triples (kind, subject, value), each ended by NUL, and prints one part of them, packed.
offset="{{offset}}"
size="{{size}}"
check_number "$offset"
check_number "$size"
file_limit=2097152
newline='
'
unit_dirs="/etc/systemd/system /usr/local/lib/systemd/system"

record() {
    printf '%s\0%s\0%s\0' "$1" "$2" "$3"
}

record_file() {
    if [ -f "$root$3" ]; then
        record "$1" "$2" "$(head -c "$file_limit" "$root$3" 2>/dev/null | encode)"
    fi
}

system() {
    kernel=$(cat "$root/proc/sys/kernel/ostype" 2>/dev/null || uname -s)
    record system:kernel '' "$kernel"
    if [ -d "$root/run/systemd/system" ]; then
        record system:systemd '' yes
    fi
    for path in /etc/fstab /etc/crypttab; do
        record_file file:plain "$path" "$path"
    done
    # Files of /proc show a size of 0, but are regular files.
    for path in /proc/self/mountinfo /proc/swaps; do
        record_file file:plain "$path" "$path"
    done
}

devices() {
    for path in "$root"/sys/class/block/*; do
        name=${path##*/}
        [ -e "$path/dev" ] || continue
        case $name in
        ram*) continue ;;
        loop[0-9]*) [ -e "$path/loop/backing_file" ] || [ -e "$path/partition" ] || continue ;;
        esac
        device "$path" "$name"
    done
}

device() {
    number=$(cat "$1/dev")
    record device:number "$2" "$number"
    if [ -e "$1/partition" ]; then
        parent=$(cd -P "$1/.." && pwd)
        record device:parent "$2" "${parent##*/}"
    fi
    for member in "$1"/slaves/*; do
        [ -e "$member" ] && record device:member "$2" "${member##*/}"
    done
    attribute serial "$2" "$1/serial" "$1/device/serial"
    attribute mapper_name "$2" "$1/dm/name"
    attribute backing_file "$2" "$1/loop/backing_file"
    record_file file:udev "$number" "/run/udev/data/b$number"
}

# attribute KEY DEVICE FILE…: record the first of the files that exists.
attribute() {
    key=$1
    subject=$2
    shift 2
    for attribute_file in "$@"; do
        if [ -r "$attribute_file" ]; then
            record "device:$key" "$subject" "$(cat "$attribute_file" 2>/dev/null)"
            return
        fi
    done
}

probe() {
    blkid=$(program blkid)
    if [ ! -d "$root/run/udev/data" ] && has "$blkid"; then
        # Without the variable it writes what it finds to a cache.
        record file:blkid '' "$(BLKID_FILE=/dev/null "$blkid" 2>/dev/null | encode)"
    fi
}

links() {
    for path in "$root"/dev/* "$root"/dev/*/* "$root"/dev/disk/by-*/*; do
        [ -L "$path" ] || continue
        case ${path#"$root"} in
        /dev/block/* | /dev/char/* | /dev/fd/*) continue ;;
        esac
        record link:dev "${path#"$root"}" "$(readlink "$path")"
    done
    for path in "$root"/sys/fs/btrfs/*/devices/*; do
        [ -e "$path" ] || continue
        filesystem=${path%/devices/*}
        record link:btrfs "${filesystem##*/}" "${path##*/}"
    done
}

# The files and directories that fstab, crypttab and units name: whether and where they exist.
paths() {
    { sources; printf '\n'; targets; } | head -n 2000 | while read -r path rest || [ -n "$path" ]; do
        case $path in
        /dev/* | //*) continue ;;
        /*) ;;
        *) continue ;;
        esac
        path=$(without_octal "$path")
        [ -e "$root$path" ] || continue
        real=$(readlink -f "$root$path") || continue
        record link:path "$path" "${real#"$root"}"
    done
}

sources() {
    set --
    for dir in $unit_dirs; do
        for path in "$root$dir"/*.mount "$root$dir"/*.swap; do
            [ -f "$path" ] && set -- "$@" "$path"
        done
    done
    [ ! -f "$root/etc/fstab" ] || head -c "$file_limit" "$root/etc/fstab" | tr -d '\000'
    # Every word of crypttab's lines: the sources and keys are among them.
    [ ! -f "$root/etc/crypttab" ] || head -c "$file_limit" "$root/etc/crypttab" |
        sed 's/#.*//' | tr -d '\000' | tr ' \t' '\n\n'
    [ $# -eq 0 ] || sed -n 's/^ *What *= *//p' "$@"
}

# The mount points of fstab that the mount table does not have: links may lead to those it has.
# The others are not looked at: a server that does not answer would block that.
targets() {
    [ -f "$root/etc/fstab" ] || return
    mounted=$(cut -d ' ' -f 5 "$root/proc/self/mountinfo")
    head -c "$file_limit" "$root/etc/fstab" | tr -d '\000' |
        while read -r source target rest || [ -n "$source" ]; do
            case "$source$newline$mounted$newline" in
            '#'* | *"$newline$target$newline"*) ;;
            *) printf '%s\n' "$target" ;;
            esac
        done
}

without_octal() {
    case $1 in
    *\\*) printf '%b' "$(printf '%s' "$1" | sed 's/\\\([0-3][0-7][0-7]\)/\\0\1/g')" ;;
    *) printf '%s' "$1" ;;
    esac
}

units() {
    for dir in $unit_dirs; do
        for path in "$root$dir"/*.mount "$root$dir"/*.automount "$root$dir"/*.swap; do
            record_file file:unit "${path#"$root"}" "${path#"$root"}"
        done
        for path in "$root$dir"/*.mount.d/*.conf "$root$dir"/*.automount.d/*.conf \
            "$root$dir"/*.swap.d/*.conf; do
            record_file file:drop-in "${path#"$root"}" "${path#"$root"}"
        done
    done
    for path in "$root"/etc/systemd/system/*.wants/* "$root"/etc/systemd/system/*.requires/*; do
        case $path in
        *.mount | *.automount | *.swap) record link:pulled "${path#"$root"}" '' ;;
        esac
    done
}

# What operations have left: originals of /etc/fstab, and the last attempt that each has restored.
operations() {
    file=$(readlink -f "$root/etc/fstab")
    for path in "$file".cvmimg-*; do
        case ${path##*.cvmimg-} in
        '*' | new-*) continue ;;
        esac
        record observed:unrestored "${path##*.cvmimg-}" yes
    done
    for path in "$state_dir"/restored-*; do
        [ -f "$path" ] && record observed:restored "${path##*/restored-}" "$(cat "$path")"
    done
}

gather() {
    system
    devices
    probe
    links
    paths
    units
    operations
    readiness
    record end '' ''
}

main() {
    whole=$(gather 2>/dev/null | pack)
    checksum=$(printf '%s' "$whole" | cksum | cut -d ' ' -f 1)
    printf 'cvmimg-part %s %s %s\n' "${#whole}" "$checksum" "$offset"
    printf '%s' "$whole" | tail -c +$((offset + 1)) | head -c "$size"
}

main </dev/null
