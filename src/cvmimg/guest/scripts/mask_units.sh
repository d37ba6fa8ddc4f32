# Keep systemd from mounting: each unit becomes a link to /dev/null; the original stays beside it.
# Safe to run again.

mask() {
    if ! { is_masked "$1" && [ "$(sha256 "$2")" = "$3" ]; }; then
        [ "$(sha256 "$1")" = "$3" ] || answer changed "$path is another file than was looked at"
        [ -e "$2" ] || [ -L "$2" ] || ln "$1" "$2" 2>/dev/null || cp -a "$1" "$2" ||
            answer failed "$path cannot be kept: is the disk full or read-only?"
        ln -s /dev/null "$1.$mark.new" && mv -f "$1.$mark.new" "$1" ||
            answer failed "$path cannot be replaced"
    fi
    # What requires a masked unit fails; so these links step aside too.
    for link in "$requires"/*.requires/"${1##*/}"; do
        if [ -L "$link" ]; then
            mv -f "$link" "$link.$mark" || answer failed "$link cannot be moved"
        fi
    done
}

for_each_unit mask </dev/null
sync
answer applied
