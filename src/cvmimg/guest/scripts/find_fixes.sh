# Report what operations have left in the guest: originals of /etc/fstab and of systemd units,
# suspended settings, a freeze, and the last attempt that the operation has restored. Read-only.
# Parameter: operation, the id of the one to report on, or "any".
wanted="{{operation}}"
check_name "$wanted"
limit=1048576
unit_dirs="/etc/systemd/system /usr/local/lib/systemd/system"

# operation_of PATH: the id of the operation that keeps the original at PATH; fails for others.
operation_of() {
    case ${1##*.cvmimg-} in
    '' | *[!a-z0-9-]* | new-*) return 1 ;;
    esac
    [ "$wanted" = any ] || [ "${1##*.cvmimg-}" = "$wanted" ] || return 1
    printf '%s' "${1##*.cvmimg-}"
}

# reply_packed KEY: standard input as one word of the answer.
reply_packed() {
    printf 'cvmimg %s %s\n' "$1" "$(pack)"
}

fstab() {
    file=$(resolve "$root/etc/fstab") || return
    [ -f "$file" ] || return
    head -c "$limit" "$file" | reply_packed fstab
    for path in "$file".cvmimg-*; do
        [ -f "$path" ] || continue
        operation=$(operation_of "$path") || continue
        head -c "$limit" "$path" | reply_packed "original:$operation"
    done
}

# units: a line for each original: the operation, the unit's path in base64, and the digest.
units() {
    for dir in $unit_dirs; do
        for path in "$root$dir"/*.mount.cvmimg-* "$root$dir"/*.automount.cvmimg-* \
            "$root$dir"/*.swap.cvmimg-*; do
            [ -f "$path" ] || continue
            operation=$(operation_of "$path") || continue
            unit=${path%.cvmimg-*}
            printf '%s %s %s\n' "$operation" "$(printf '%s' "${unit#"$root"}" | base64 | tr -d '\n')" \
                "$(sha256 "$path")"
        done
    done
}

# suspended: the operations that have suspended settings, a line each.
suspended() {
    for path in "$root"/etc/cvmimg-*.suspended; do
        [ -f "$path" ] || continue
        path=${path%.suspended}
        operation_of "$root/etc/.cvmimg-${path##*/cvmimg-}" && printf '\n'
    done
}

main() {
    fstab
    units | reply_packed units
    suspended | reply_packed suspended
    reply restored "$(cat "$state_dir/restored-$wanted" 2>/dev/null)"
    reply frozen "$(sed -n 1p "$state_dir/frozen" 2>/dev/null)"
}

main </dev/null
