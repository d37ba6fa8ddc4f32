# Run a command of the user and report its exit status; what it prints is discarded.
# Parameters: command, in base64.
command=$(printf '%s' "{{command}}" | base64 -d) || exit 2

main() {
    "$(program sh)" -c "$command" >/dev/null 2>&1
    reply status "$?"
}

main </dev/null
