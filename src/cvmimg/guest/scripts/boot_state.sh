# Report how far the boot is: the state of systemd, its failed units, and the end of cloud-init.
# Read-only. Names units; never prints the content of a file.

# systemd_state: as `systemctl is-system-running` prints it, or "none".
systemd_state() {
    systemctl=$(program systemctl)
    if [ -d "$root/run/systemd/system" ] && has "$systemctl"; then
        "$systemctl" is-system-running
    else
        printf 'none'
    fi
}

failed_units() {
    systemctl=$(program systemctl)
    has "$systemctl" || return
    "$systemctl" list-units --state=failed --no-legend --plain --no-pager |
        sed 's/^[^A-Za-z0-9_-]*//; s/ .*//' | head -n 50
}

cloud_init_state() {
    result=$root/run/cloud-init/result.json
    if [ -s "$result" ]; then
        # A list that is not empty begins with a quotation mark.
        case $(tr -d ' \n\t\r' <"$result") in
        *'"errors":[]'*) printf 'done' ;;
        *) printf 'errors' ;;
        esac
    elif [ ! -e "$root/usr/bin/cloud-init" ] && [ ! -e "$root/usr/local/bin/cloud-init" ] &&
        [ ! -e "$root/bin/cloud-init" ]; then
        printf 'missing'
    elif [ -e "$root/etc/cloud/cloud-init.disabled" ] || [ -e "$root/run/cloud-init/disabled" ] ||
        [ "$(readlink "$root/etc/systemd/system/cloud-init.service")" = /dev/null ]; then
        printf 'disabled'
    else
        printf 'unfinished'
    fi
}

main() {
    reply systemd "$(systemd_state)"
    reply failed "$(failed_units)"
    reply cloud-init "$(cloud_init_state)"
}

main </dev/null
