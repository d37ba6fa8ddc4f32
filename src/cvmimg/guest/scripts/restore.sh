# Put the original /etc/fstab back, unless somebody changed the file meanwhile. Safe to run again.

put_back() {
    mv -f "$backup" "$file" || answer failed "the original cannot be moved back"
    sync
    answer restored
}

main() {
    current=$(sha256 "$file")
    if [ ! -e "$backup" ]; then
        [ "$current" = "$before" ] && answer already
        [ "$current" = "$after" ] && answer lost "the original was removed"
        answer changed "the file was changed, and the original was removed"
    fi
    [ "$(sha256 "$backup")" = "$before" ] || answer changed "the kept original was changed"
    if [ "$current" = "$before" ]; then
        # Both names may be the same file, which mv would leave in place.
        rm -f "$backup"
        sync
        answer restored
    fi
    [ "$current" = "$after" ] && put_back
    answer changed "the file was changed meanwhile"
}

main </dev/null
