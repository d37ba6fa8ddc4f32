# Make the account files immutable again, and move the pending relabel back. Idempotent.

reinstate() {
    if [ "$1" = /.autorelabel ]; then
        [ ! -e "$relabel.cvmimg-$operation" ] || mv -f "$relabel.cvmimg-$operation" "$relabel" ||
            finish failed move-failed
    elif ! is_immutable "$root$1"; then
        "$(program chattr)" +i "$root$1" || finish failed attribute-failed
    fi
}

main() {
    record_restore || finish failed record-failed
    [ -f "$record_file" ] || finish already
    for_each_suspended reinstate
    rm -f "$record_file"
    sync
    finish restored
}

main </dev/null
