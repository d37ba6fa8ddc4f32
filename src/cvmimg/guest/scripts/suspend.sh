# Make account files mutable, and move a pending relabel aside. Idempotent.
# Parameter: paths, separated by commas.
paths="{{paths}}"

suspend() {
    if [ "$1" = /.autorelabel ]; then
        [ ! -e "$relabel" ] || mv -f "$relabel" "$relabel.cvmimg-$operation" ||
            finish failed move-failed
    elif is_immutable "$root$1"; then
        "$(program chattr)" -i "$root$1" || finish failed attribute-failed
    fi
}

main() {
    if is_superseded; then
        finish superseded
    fi
    if [ ! -f "$record_file" ]; then
        printf '%s\n' "$paths" | tr ',' '\n' >"$record_file.new" &&
            mv -f "$record_file.new" "$record_file" || finish failed write-failed
    fi
    for_each_suspended suspend
    sync
    finish applied
}

main </dev/null
