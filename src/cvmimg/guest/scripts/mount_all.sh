# Mount everything that fstab and the given units define.
# Parameter: units, separated by commas, each the name of a unit in base64; or "-".
units="{{units}}"

mount_everything() {
    systemctl=$(program systemctl)
    if [ -d "$root/run/systemd/system" ] && has "$systemctl"; then
        # Otherwise systemd uses the previous version of the file, and may unmount at once.
        "$systemctl" daemon-reload
    fi
    "$(program mount)" -a
    "$(program swapon)" -a
    [ "$units" = - ] && return
    for unit in $(printf '%s' "$units" | tr ',' ' '); do
        "$systemctl" start "$(printf '%s' "$unit" | base64 -d)"
    done
}

main() {
    reply output "$(mount_everything 2>&1 | head -c 2000)"
}

main </dev/null
