# Flush and freeze the file systems at the targets for a short time. Run again, it does nothing
# while its freeze is in force, and nothing after its end: then this run was delivered late.
# Parameter: seconds, after which they are thawed if nobody has done it.
seconds="{{seconds}}"
check_number "$seconds"

thaw_later() {
    # With a root directory no real file system is frozen.
    [ -n "$root" ] && return
    (sleep "$seconds" && read_frozen && is_in_force && end_freeze expired && record_end) >/dev/null 2>&1 &
}

# claim: record that this freeze is in force; fails if another one is.
claim() {
    mkdir -p "$state_dir" && (set -C && printf '%s\n%s\n' "$operation" "$attempt" >"$frozen_file")
}

# freeze_all: print what fsfreeze says, and leave nothing frozen if one target cannot be. A target
# that somebody else has frozen stays so.
freeze_all() {
    frozen=
    for target in $(printf '%s' "$targets" | tr ',' ' '); do
        if ! "$(program fsfreeze)" --freeze "$root$(decode "$target")" 2>&1; then
            for thawed in $frozen; do
                thaw_target "$thawed"
            done
            return 1
        fi
        frozen="$frozen $target"
    done
}

# take_over: end an earlier freeze of the same operation, of which the operation has not heard.
take_over() {
    for target in $(printf '%s' "$targets" | tr ',' ' '); do
        thaw_target "$target"
    done
    rm -f "$frozen_file"
}

main() {
    if has_ended; then
        finish ended
    fi
    if is_in_force; then
        [ "$frozen_state" = complete ] && finish frozen
        finish refused incomplete
    fi
    if [ "$frozen_operation" = "$operation" ]; then
        [ "$attempt" -gt "$frozen_attempt" ] || finish ended
        take_over
    fi
    sync
    claim || finish refused other-freeze
    thaw_later
    if output=$(freeze_all); then
        printf 'complete\n' >>"$frozen_file"
        finish frozen
    fi
    rm -f "$frozen_file"
    reply output "$(printf '%s' "$output" | head -c 2000)"
    finish refused fsfreeze-failed
}

main </dev/null
