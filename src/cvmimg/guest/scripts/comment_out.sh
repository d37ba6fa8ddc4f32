# Comment out lines of /etc/fstab; the original stays beside it under the operation's name.
# Parameter: lines, their numbers, parted by commas. Safe to run again, also side by side.
lines="{{lines}}"
new=$file.cvmimg-new-$$

# The original is kept as the very same file where the file system has hard links: with its mode,
# owner, SELinux context, timestamps and all else that a copy might lose.
keep_original() {
    [ -e "$backup" ] && return 0
    ln "$file" "$backup" 2>/dev/null && return 0
    cp -a "$file" "$new" && mv -f "$new" "$backup"
}

write_new() {
    expression=$(printf '%s\n' "$lines" | tr ',' '\n' | sed 's|$|s/^/# cvmimg: /|')
    # Copied first, for mode, owner and context; then filled.
    cp -a "$file" "$new" && sed "$expression" <"$backup" >"$new" && touch -r "$backup" "$new"
}

# give_up STATE WHY: nothing was changed, and nothing is left behind.
give_up() {
    rm -f "$new"
    if [ "$(sha256 "$file")" = "$(sha256 "$backup")" ]; then
        rm -f "$backup"
    fi
    answer "$1" "$2"
}

main() {
    current=$(sha256 "$file")
    if [ "$current" = "$after" ] && [ "$(sha256 "$backup")" = "$before" ]; then
        sync
        answer already
    fi
    [ "$current" = "$before" ] || answer changed "the file is another one than was looked at"
    keep_original || give_up failed "the original cannot be kept: is the disk full or read-only?"
    [ "$(sha256 "$backup")" = "$before" ] || answer failed "a strange file is in the way"
    write_new || give_up failed "the new file cannot be written: is the disk full or read-only?"
    [ "$(sha256 "$new")" = "$after" ] || give_up failed "sed wrote something unexpected"
    sync
    [ "$(sha256 "$file")" = "$before" ] || give_up changed "the file was changed meanwhile"
    mv -f "$new" "$file" || give_up failed "the file cannot be replaced: is it immutable?"
    if [ "$(sha256 "$backup")" != "$before" ]; then
        # Somebody wrote into the original in the last moment: that is the file they mean.
        mv -f "$backup" "$file"
        answer changed "the file was changed meanwhile"
    fi
    sync
    answer applied
}

main </dev/null
