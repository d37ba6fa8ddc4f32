# Move the original units back, unless somebody changed one meanwhile. Idempotent.
problem=
problem_path=

unmask() {
    if [ -e "$2" ] || [ -L "$2" ]; then
        if is_masked "$1"; then
            mv -f "$2" "$1" || finish failed move-failed
        elif [ "$(sha256 "$1")" = "$3" ]; then
            rm -f "$2"
        else
            note_problem changed-meanwhile
        fi
    elif [ "$(sha256 "$1")" != "$3" ]; then
        note_problem changed-and-original-removed
    fi
    for link in "$requires"/*.requires/"${1##*/}.$mark"; do
        if [ -L "$link" ]; then
            mv -f "$link" "${link%".$mark"}" || finish failed move-failed
        fi
    done
}

# note_problem REASON: continue with the other units, and report it at the end.
note_problem() {
    problem=$1
    problem_path=$path
}

record_restore || finish failed record-failed
for_each_unit unmask </dev/null
sync
path=$problem_path
[ -z "$problem" ] || finish changed "$problem"
finish restored
