# Mount everything that fstab and the given units define, if anything that was mounted is missing.
# Parameters: mounts, the mount points that there were, separated by commas, each in hexadecimal
# digits and escaped as in /proc/self/mountinfo, or "-"; swaps, how many swap spaces there were;
# start, the names of the units in base64, separated by commas, or "-".
mounts="{{mounts}}"
swaps="{{swaps}}"
start="{{start}}"
check_number "$swaps"

# missing_mounts: those of the mount points that nothing is mounted on.
missing_mounts() {
    mounted=$(cut -d ' ' -f 5 "$root/proc/self/mountinfo" | od -An -v -tx1 | tr -d '\n' |
        sed 's/  *0a/,/g; s/ //g')
    for mount in $(printf '%s' "$mounts" | tr ',' ' '); do
        case ,$mounted in
        *",$mount,"*) ;;
        *) [ "$mount" = - ] || printf '%s ' "$mount" ;;
        esac
    done
}

# active_swaps: how many swap spaces there are; the file has a heading.
active_swaps() {
    sed 1d "$root/proc/swaps" | grep -c .
}

is_complete() {
    [ -z "$(missing_mounts)" ] && [ "$(active_swaps)" -ge "$swaps" ]
}

mount_everything() {
    systemctl=$(program systemctl)
    if [ -d "$root/run/systemd/system" ] && has "$systemctl"; then
        # Otherwise systemd uses the previous version of the file, and may unmount at once.
        "$systemctl" daemon-reload
    fi
    "$(program mount)" -a
    "$(program swapon)" -a
    [ "$start" = - ] && return
    for unit in $(printf '%s' "$start" | tr ',' ' '); do
        "$systemctl" start "$(printf '%s' "$unit" | base64 -d)"
    done
}

main() {
    output=
    if ! is_complete; then
        output=$(mount_everything 2>&1 | head -c 2000)
    fi
    reply output "$output"
    reply missing "$(missing_mounts)"
    reply swaps "$(active_swaps)"
}

main </dev/null
