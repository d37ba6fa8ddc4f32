# Mount all that fstab and the given units ask for, and tell what is mounted then.
# Parameter: units, parted by commas, each a unit's name in base64; or "-".
units="{{units}}"

mount_everything() {
    systemctl=$(program systemctl)
    if [ -d "$root/run/systemd/system" ] && has "$systemctl"; then
        # Without it systemd goes by the file as it was, and may unmount at once.
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
    say why "$(mount_everything 2>&1 | head -c 2000)"
    printf 'cvmimg mounts %s\n' "$(packed <"$root/proc/self/mountinfo")"
    printf 'cvmimg swaps %s\n' "$(packed <"$root/proc/swaps")"
}

main </dev/null
