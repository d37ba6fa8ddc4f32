# Part of comment_out.sh and restore.sh: the file and its two versions.
# Parameters: operation, the name of the whole undertaking; before and after, the SHA-256 digests
# of the original file and of the one with lines commented out.
operation="{{operation}}"
before="{{before}}"
after="{{after}}"
check_operation "$operation"

# answer STATE [WHY]: say how it ended, with the paths of the file and of the original, and stop.
answer() {
    say state "$1"
    say why "${2:-}"
    say file "${file#"$root"}"
    if [ -e "$backup" ]; then
        say backup "${backup#"$root"}"
    fi
    exit 0
}

file=$root/etc/fstab
backup=
if ! file=$(inside "$file") || [ ! -f "$file" ]; then
    file=$root/etc/fstab
    answer failed "there is no file /etc/fstab"
fi
backup=$file.cvmimg-$operation
if [ -z "$(sha256 "$file")" ]; then
    answer failed "the guest has no sha256sum"
fi
