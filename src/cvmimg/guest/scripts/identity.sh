# Report who this system is, as digests alone, so that two systems can be compared. Read-only.
# Parameters: salt, of the digests.
salt="{{salt}}"
check_name "$salt"

# digest: of standard input with the salt; nothing if it is empty.
digest() {
    value=$(cat)
    if [ -n "$value" ]; then
        printf '%s %s' "$salt" "$value" | sha256sum | cut -c 1-64
    fi
}

machine_id() {
    for path in /etc/machine-id /run/machine-id /var/lib/dbus/machine-id; do
        if [ -s "$root$path" ]; then
            digest <"$root$path"
            return
        fi
    done
}

host_keys() {
    for path in "$root"/etc/ssh/ssh_host_*_key.pub; do
        [ -s "$path" ] && cut -d ' ' -f 2 "$path" | digest
    done
}

main() {
    reply machine-id "$(machine_id)"
    reply host-keys "$(host_keys)"
    reply hostname "$(digest <"$root/proc/sys/kernel/hostname")"
}

main </dev/null
