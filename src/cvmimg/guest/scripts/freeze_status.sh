# Report whether the freeze is in force, has ended, or has never started. Read-only.

main() {
    if has_ended; then
        finish "$(ended_as)"
    fi
    if is_in_force; then
        [ "$frozen_state" = complete ] && finish frozen
        finish incomplete
    fi
    finish absent
}

main </dev/null
