# Part of the scripts of create --fix: what a setting of the guest is, and whether it is suspended.
# Parameter: operation, its id. What the operation suspends is recorded beside /etc/fstab's
# original, in the guest, so that any machine can reinstate it.
operation="{{operation}}"
check_name "$operation"
record_file=$root/etc/cvmimg-$operation.suspended
relabel=$root/.autorelabel

# finish STATE [REASON]: print the result, and exit.
finish() {
    reply state "$1"
    reply reason "${2:-}"
    reply file "${path:-}"
    exit 0
}

# is_immutable FILE
is_immutable() {
    case $("$(program lsattr)" -d "$1" | sed 's/ .*//') in
    *i*) return 0 ;;
    esac
    return 1
}

# for_each_suspended FUNCTION: call it with each path that the record names.
for_each_suspended() {
    while IFS= read -r path || [ -n "$path" ]; do
        case $path in
        /etc/passwd | /etc/shadow | /etc/group | /etc/gshadow | /.autorelabel)
            "$1" "$path" </dev/null
            ;;
        esac
    done <"$record_file"
    path=
}
