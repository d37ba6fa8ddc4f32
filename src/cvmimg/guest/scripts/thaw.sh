# Thaw the file systems at the targets, and report whether they were frozen until now.
# Idempotent: run again, it reports the result of the first run.

# thaw: end the freeze in force, unless it belongs to another operation or a later attempt.
thaw() {
    case $frozen_operation in
    "$operation")
        [ "$attempt" -ge "$frozen_attempt" ] || finish expired
        if [ "$frozen_state" = complete ]; then
            end_freeze held
        else
            end_freeze expired
        fi
        ;;
    '')
        # Thawed already, or by a restart; an older version of cvmimg recorded nothing.
        [ -n "$thawed_attempt" ] || end_freeze expired
        ;;
    *) thawed_state=expired ;;
    esac
}

main() {
    if has_ended; then
        finish "$(ended_as)"
    fi
    thaw
    record_end
    finish "$thawed_state"
}

main </dev/null
