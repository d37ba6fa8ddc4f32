# Part of the scripts of the fstab fix: systemd units and their originals.
# Parameters: operation, its id; units, separated by commas, each the path of a unit in base64, a
# colon, and the SHA-256 digest of the file.
operation="{{operation}}"
units="{{units}}"
check_name "$operation"
mark=cvmimg-$operation
requires=$root/etc/systemd/system

# for_each_unit FUNCTION: call it with the path, the path of the kept original, and the digest.
for_each_unit() {
    for unit in $(printf '%s' "$units" | tr ',' ' '); do
        path=$(printf '%s' "${unit%%:*}" | base64 -d) || finish failed no-base64
        case ${path##*/}:${unit##*:} in
        *: | *'
'*) exit 2 ;;
        *?.mount:* | *?.automount:* | *?.swap:*) ;;
        *) exit 2 ;;
        esac
        folder=$(resolve "$root${path%/*}") || finish failed unit-missing
        unit_file=$folder/${path##*/}
        "$1" "$unit_file" "$unit_file.$mark" "${unit##*:}"
    done
}

is_masked() {
    [ "$(readlink "$1")" = /dev/null ]
}

# finish STATE [REASON]: print the result, with the path of the unit it is about, and exit.
finish() {
    reply state "$1"
    reply reason "${2:-}"
    reply file "${path:-}"
    exit 0
}
