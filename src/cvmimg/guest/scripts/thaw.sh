# Thaw the file systems that are mounted at the given points; those that are not frozen are left.
# Parameter: targets, parted by commas, each a mount point in base64.
targets="{{targets}}"

main() {
    held=yes
    for target in $(printf '%s' "$targets" | tr ',' ' '); do
        "$(program fsfreeze)" --unfreeze "$root$(printf '%s' "$target" | base64 -d)" 2>/dev/null || held=no
    done
    say state thawed
    say held "$held"
}

main </dev/null
