# Part of the scripts of the fstab fix: the file and its original.
# Parameters: operation, its id; before and after, the SHA-256 digests of the original file and of
# the one with lines commented out.
operation="{{operation}}"
before="{{before}}"
after="{{after}}"
check_name "$operation"

# finish STATE [REASON]: print the result, with the paths of the file and its original, and exit.
finish() {
    reply state "$1"
    reply reason "${2:-}"
    reply file "${file#"$root"}"
    if [ -e "$backup" ]; then
        reply backup "${backup#"$root"}"
    fi
    exit 0
}

file=$root/etc/fstab
backup=
if ! file=$(resolve "$file") || [ ! -f "$file" ]; then
    file=$root/etc/fstab
    finish failed no-fstab
fi
backup=$file.cvmimg-$operation
if [ -z "$(sha256 "$file")" ]; then
    finish failed no-sha256sum
fi
