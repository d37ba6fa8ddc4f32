# Part of mask_units.sh and unmask_units.sh.
# Parameters: operation, the name of the whole undertaking; units, parted by commas, each the path
# of a unit in base64, a colon, and the SHA-256 digest of the file.
operation="{{operation}}"
units="{{units}}"
mark=cvmimg-$operation
requires=$root/etc/systemd/system
check_operation "$operation"

# for_each_unit FUNCTION: call it with the path, the kept original's path, and the digest.
for_each_unit() {
    for unit in $(printf '%s' "$units" | tr ',' ' '); do
        path=$(printf '%s' "${unit%%:*}" | base64 -d) || answer failed "the guest has no base64"
        case ${path##*/}:${unit##*:} in
        *: | *'
'*) exit 2 ;;
        *?.mount:* | *?.automount:* | *?.swap:*) ;;
        *) exit 2 ;;
        esac
        folder=$(inside "$root${path%/*}") || answer failed "$path is not there"
        unit_file=$folder/${path##*/}
        "$1" "$unit_file" "$unit_file.$mark" "${unit##*:}"
    done
}

is_masked() {
    [ "$(readlink "$1")" = /dev/null ]
}

# answer STATE [WHY]: say how it ended, and stop.
answer() {
    say state "$1"
    say why "${2:-}"
    exit 0
}
