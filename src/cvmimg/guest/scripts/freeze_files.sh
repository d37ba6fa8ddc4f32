# Part of freeze.sh and thaw.sh: which freeze is in force, and how it ended.
# Parameters: operation, its id; attempt, a number that grows with each freeze of the operation;
# targets, separated by commas, each a mount point in base64.
operation="{{operation}}"
attempt="{{attempt}}"
targets="{{targets}}"
check_name "$operation"
check_number "$attempt"
# The freeze in force: its operation, its attempt and, once all is frozen, "complete"; a line each.
frozen_file=$state_dir/frozen
# The operation's last freeze that ended: its attempt, and "held" or "expired"; a line each.
thawed_file=$state_dir/thawed-$operation

read_frozen() {
    frozen_operation=$(sed -n 1p "$frozen_file" 2>/dev/null)
    frozen_attempt=$(sed -n 2p "$frozen_file" 2>/dev/null)
    frozen_state=$(sed -n 3p "$frozen_file" 2>/dev/null)
}

read_thawed() {
    thawed_attempt=$(sed -n 1p "$thawed_file" 2>/dev/null)
    thawed_state=$(sed -n 2p "$thawed_file" 2>/dev/null)
}

# is_in_force: whether this freeze is.
is_in_force() {
    [ "$frozen_operation" = "$operation" ] && [ "$frozen_attempt" = "$attempt" ]
}

# has_ended: whether this freeze has.
has_ended() {
    [ -n "$thawed_attempt" ] && [ "$attempt" -le "$thawed_attempt" ]
}

# ended_as: how this freeze ended; a later freeze of the operation shows that it did not last.
ended_as() {
    if [ "$attempt" = "$thawed_attempt" ]; then
        printf '%s' "$thawed_state"
    else
        printf expired
    fi
}

decode() {
    printf '%s' "$1" | base64 -d
}

thaw_target() {
    "$(program fsfreeze)" --unfreeze "$root$(decode "$1")" 2>/dev/null
}

# record_end: record that all freezes up to this attempt have ended, and how the last one did.
record_end() {
    mkdir -p "$state_dir" && printf '%s\n%s\n' "$attempt" "$thawed_state" >"$thawed_file"
}

# end_freeze STATE: thaw the targets; the freeze ended as STATE, or as "expired" if one of them was
# not frozen any more.
end_freeze() {
    thawed_state=$1
    for target in $(printf '%s' "$targets" | tr ',' ' '); do
        thaw_target "$target" || thawed_state=expired
    done
    rm -f "$frozen_file"
}

# finish STATE [REASON]: print the result and exit.
finish() {
    reply state "$1"
    reply reason "${2:-}"
    exit 0
}

read_frozen
read_thawed
