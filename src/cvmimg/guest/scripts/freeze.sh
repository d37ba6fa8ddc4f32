# Write out and freeze the file systems that are mounted at the given points, for a short while.
# Parameters: targets, parted by commas, each a mount point in base64; seconds, after which they
# thaw by themselves, should nobody come to thaw them.
targets="{{targets}}"
seconds="{{seconds}}"

each_target() {
    for target in $(printf '%s' "$targets" | tr ',' ' '); do
        "$1" "$(printf '%s' "$target" | base64 -d)" || return 1
    done
}

freeze_one() {
    "$(program fsfreeze)" --freeze "$root$1"
}

thaw_one() {
    "$(program fsfreeze)" --unfreeze "$root$1" 2>/dev/null
    return 0
}

watch_over() {
    # Over a root folder there is nothing that could hang.
    [ -n "$root" ] && return
    (sleep "$seconds" && each_target thaw_one) >/dev/null 2>&1 &
}

main() {
    sync
    watch_over
    if why=$(each_target freeze_one 2>&1); then
        say state frozen
    else
        each_target thaw_one
        say state refused
        say why "$why"
    fi
}

main </dev/null
