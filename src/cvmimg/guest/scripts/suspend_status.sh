# Report whether settings are suspended by the operation. Read-only.
state=applied

look() {
    if [ "$1" = /.autorelabel ]; then
        [ ! -e "$relabel" ] || state=partial
    elif is_immutable "$root$1"; then
        state=partial
    fi
}

main() {
    [ -f "$record_file" ] || finish absent
    for_each_suspended look
    finish "$state"
}

main </dev/null
