# Comment out lines of /etc/fstab and keep the original beside it, named after the operation.
# Parameter: lines, their numbers, separated by commas. Idempotent, also when run twice at once.
lines="{{lines}}"
new=$file.cvmimg-new-$$

# The original is kept as the very same file where the file system has hard links: with its mode,
# owner, SELinux context, timestamps and everything else that a copy may lose.
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

# give_up STATE REASON: leave everything unchanged.
give_up() {
    rm -f "$new"
    if [ "$(sha256 "$file")" = "$(sha256 "$backup")" ]; then
        rm -f "$backup"
    fi
    finish "$1" "$2"
}

main() {
    if is_superseded; then
        finish superseded
    fi
    current=$(sha256 "$file")
    if [ "$current" = "$after" ] && [ "$(sha256 "$backup")" = "$before" ]; then
        sync
        finish already
    fi
    [ "$current" = "$before" ] || finish changed changed-since-read
    keep_original || give_up failed backup-failed
    [ "$(sha256 "$backup")" = "$before" ] || finish failed backup-exists
    write_new || give_up failed write-failed
    [ "$(sha256 "$new")" = "$after" ] || give_up failed unexpected-content
    sync
    [ "$(sha256 "$file")" = "$before" ] || give_up changed changed-meanwhile
    if is_superseded; then
        give_up superseded ''
    fi
    mv -f "$new" "$file" || give_up failed replace-failed
    if [ "$(sha256 "$backup")" != "$before" ]; then
        # Somebody wrote to the original at the last moment: that is the version they want.
        mv -f "$backup" "$file"
        finish changed changed-meanwhile
    fi
    sync
    finish applied
}

main </dev/null
