# Put the original units back, unless somebody changed one meanwhile. Safe to run again.
problem=

unmask() {
    if [ -e "$2" ] || [ -L "$2" ]; then
        if is_masked "$1"; then
            mv -f "$2" "$1" || answer failed "$path cannot be moved back"
        elif [ "$(sha256 "$1")" = "$3" ]; then
            rm -f "$2"
        else
            problem="$path was changed; the original is ${2#"$root"}"
        fi
    elif [ "$(sha256 "$1")" != "$3" ]; then
        problem="$path was changed, and its original was removed"
    fi
    for link in "$requires"/*.requires/"${1##*/}.$mark"; do
        if [ -L "$link" ]; then
            mv -f "$link" "${link%".$mark"}" || answer failed "$link cannot be moved back"
        fi
    done
}

for_each_unit unmask </dev/null
sync
[ -z "$problem" ] || answer changed "$problem"
answer restored
