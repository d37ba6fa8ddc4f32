# Move the original /etc/fstab back, unless somebody changed the file meanwhile. Idempotent.

move_back() {
    mv -f "$backup" "$file" || finish failed move-failed
    sync
    finish restored
}

main() {
    record_restore || finish failed record-failed
    current=$(sha256 "$file")
    if [ ! -e "$backup" ]; then
        [ "$current" = "$before" ] && finish already
        [ "$current" = "$after" ] && finish lost original-removed
        finish changed changed-and-original-removed
    fi
    [ "$(sha256 "$backup")" = "$before" ] || finish changed original-changed
    if [ "$current" = "$before" ]; then
        # Both names may be the same file, which mv would leave in place.
        rm -f "$backup"
        sync
        finish restored
    fi
    [ "$current" = "$after" ] && move_back
    finish changed changed-meanwhile
}

main </dev/null
