# Keep systemd from mounting: replace each unit with a link to /dev/null, as systemctl mask does,
# and keep the original beside it. Idempotent.

mask() {
    if ! { is_masked "$1" && [ "$(sha256 "$2")" = "$3" ]; }; then
        [ "$(sha256 "$1")" = "$3" ] || finish changed changed-since-read
        [ -e "$2" ] || [ -L "$2" ] || ln "$1" "$2" 2>/dev/null || cp -a "$1" "$2" ||
            finish failed backup-failed
        ln -s /dev/null "$1.$mark.new" && mv -f "$1.$mark.new" "$1" || finish failed replace-failed
    fi
    # Whatever requires a masked unit fails, so these links are moved aside too.
    for link in "$requires"/*.requires/"${1##*/}"; do
        if [ -L "$link" ]; then
            mv -f "$link" "$link.$mark" || finish failed move-failed
        fi
    done
}

if is_superseded; then
    finish superseded
fi
for_each_unit mask </dev/null
sync
finish applied
