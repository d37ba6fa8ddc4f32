# Part of inspect.sh: what a new instance inherits of this one, and what may keep it from booting.
# Read-only. Records names, paths and counts, never the content of a file.

# observe KEY SUBJECT [VALUE]
observe() {
    record "observed:$1" "$2" "${3:-}"
}

# observe_file KEY PATH [VALUE]: if the file exists.
observe_file() {
    if [ -e "$root$2" ]; then
        observe "$1" "$2" "${3:-}"
    fi
}

# observe_files KEY PATH…: those that exist and are not empty; the paths are in the guest.
observe_files() {
    key=$1
    shift
    for observed in "$@"; do
        if [ -f "$observed" ] && [ -s "$observed" ]; then
            observe "$key" "${observed#"$root"}"
        fi
    done
}

# matches FILE EXPRESSION…: whether a line matches one of the basic regular expressions.
matches() {
    matched_file=$1
    shift
    for expression in "$@"; do
        [ -n "$(sed -n "/$expression/{p;q;}" "$matched_file" 2>/dev/null)" ] && return 0
    done
    return 1
}

observe_kernels() {
    observe running-kernel "$(cat "$root/proc/sys/kernel/osrelease" 2>/dev/null)"
    for path in "$root"/boot/vmlinuz-*; do
        version=${path##*/vmlinuz-}
        case $version in
        *rescue* | '*') continue ;;
        esac
        initramfs=no
        for candidate in "initrd.img-$version" "initramfs-$version.img" "initrd-$version"; do
            [ -s "$root/boot/$candidate" ] && initramfs=yes
        done
        observe kernel "$version" "$initramfs"
    done
    tr ' ' '\n' <"$root/proc/cmdline" | while read -r option || [ -n "$option" ]; do
        case $option in
        root=* | resume=* | cloud-init=disabled) observe kernel-option "${option%%=*}" "${option#*=}" ;;
        esac
    done
}

observe_packages() {
    for path in "$root"/var/lib/dpkg/updates/[0-9]* "$root"/var/lib/yum/transaction-all.*; do
        observe_file unfinished-packages "${path#"$root"}"
    done
    if matches "$root/var/lib/dpkg/status" '^Status: .* half-' '^Status: .* unpacked$'; then
        observe unfinished-packages /var/lib/dpkg/status
    fi
}

observe_disk() {
    df=$(program df)
    if has "$df" && [ "$("$df" -P "$root/" | sed -n '2s/.* \([0-9]*\)% .*/\1/p')" -ge 95 ]; then
        observe full space
    fi
    if has "$df" && [ "$("$df" -Pi "$root/" | sed -n '2s/.* \([0-9]*\)% .*/\1/p')" -ge 95 ]; then
        observe full inodes
    fi
    lsattr=$(program lsattr)
    for path in /etc/passwd /etc/shadow /etc/group; do
        case $("$lsattr" -d "$root$path" 2>/dev/null | sed 's/ .*//') in
        *i*) observe immutable "$path" ;;
        esac
    done
}

boot() {
    observe_kernels
    observe_packages
    observe_disk
    observe_file reboot-required /run/reboot-required
    observe_file relabel-pending /.autorelabel
}

observe_cloud_init() {
    for path in /usr/bin/cloud-init /usr/local/bin/cloud-init /bin/cloud-init; do
        observe_file cloud-init "$path"
    done
    observe_file cloud-init-disabled /etc/cloud/cloud-init.disabled
    if [ "$(readlink "$root/etc/systemd/system/cloud-init.service")" = /dev/null ]; then
        observe cloud-init-disabled /etc/systemd/system/cloud-init.service
    fi
    for path in "$root/etc/cloud/cloud.cfg" "$root"/etc/cloud/cloud.cfg.d/*.cfg; do
        [ -f "$path" ] || continue
        name=${path#"$root"}
        matches "$path" '^network:.*disabled' '^ *config: *disabled' &&
            observe network-config-disabled "$name"
        matches "$path" '^preserve_hostname: *[Tt]rue' && observe preserve-hostname "$name"
        matches "$path" '^ssh_deletekeys: *[Ff0Nn]' && observe keep-host-keys "$name"
        matches "$path" '^datasource_list:' || continue
        known=no
        matches "$path" ConfigDrive TencentCloud && known=yes
        observe datasources "$name" "$known"
    done
    for path in /usr/bin/growpart /usr/local/bin/growpart /bin/growpart; do
        observe_file growpart "$path"
    done
}

observe_network() {
    for path in "$root"/etc/sysconfig/network-scripts/ifcfg-* "$root"/etc/netplan/*.yaml \
        "$root"/etc/systemd/network/*.network "$root"/etc/NetworkManager/system-connections/* \
        "$root"/etc/network/interfaces "$root"/etc/network/interfaces.d/* \
        "$root"/etc/udev/rules.d/*persistent-net.rules; do
        case $path in
        */ifcfg-lo | *50-cloud-init*) continue ;; # cloud-init writes its own anew
        esac
        if matches "$path" '^IPADDR' '^HWADDR=' '^ *macaddress:' '^ *- *"*[0-9.]*\/[0-9]' \
            '^ *addresses: *\[.*\/' '^Address=' '^MACAddress=' '^address1=' '^mac-address=' \
            '^ *iface .* static' '^[^#].*ATTR{address}=='; then
            observe static-network "${path#"$root"}"
        fi
    done
}

observe_names() {
    for path in /etc/machine-id /var/lib/dbus/machine-id; do
        if [ -f "$root$path" ] && [ ! -L "$root$path" ] && matches "$root$path" '^[0-9a-f]\{32\}$'; then
            observe machine-id "$path"
        fi
    done
    observe_files host-key "$root"/etc/ssh/ssh_host_*_key
    hostname=$(cat "$root/proc/sys/kernel/hostname" 2>/dev/null)
    case $hostname in
    '' | *[!A-Za-z0-9-]*) ;;
    *) matches "$root/etc/hosts" "^[1-9][0-9.]*[ 	].*$hostname" '^[0-9a-f]*:[0-9a-f:]*[ 	]' &&
        ! matches "$root/etc/hosts" "^127\\..*[ 	]$hostname" && observe own-hostname /etc/hosts ;;
    esac
}

observe_agents() {
    while read -r agent path; do
        if [ -s "$root$path" ]; then
            observe agent "$agent" "$path"
        fi
    done <<'END'
wazuh /var/ossec/etc/client.keys
puppet /etc/puppetlabs/puppet/ssl/private_keys
puppet /var/lib/puppet/ssl/private_keys
salt /etc/salt/pki/minion/minion.pem
consul /opt/consul/node-id
consul /var/lib/consul/node-id
kubelet /var/lib/kubelet/pki
docker-swarm /var/lib/docker/swarm/docker-state.json
gitlab-runner /etc/gitlab-runner/config.toml
subscription /etc/pki/consumer/cert.pem
domain-membership /etc/krb5.keytab
END
}

identity() {
    observe_cloud_init
    observe_network
    observe_names
    observe_agents
}

secrets() {
    for home in "$root/root" "$root"/home/*; do
        [ -d "$home" ] || continue
        for path in "$home"/.ssh/*; do
            case $path in
            */known_hosts* | */config | *.pub) continue ;;
            */authorized_keys*)
                keys=$(sed -n '/^[ 	]*[^# 	]/p' "$path" | sed -n '$=')
                [ -n "$keys" ] && observe authorized-keys "${path#"$root"}" "$keys"
                ;;
            *) matches "$path" 'PRIVATE KEY-----' && observe private-key "${path#"$root"}" ;;
            esac
        done
        observe_files credentials "$home/.aws/credentials" "$home"/.tccli/*.credential \
            "$home/.tencentcloud/credentials" "$home/.cos.conf" "$home/.aliyun/config.json" \
            "$home/.config/gcloud/credentials.db" "$home/.azure/accessTokens.json" \
            "$home/.kube/config" "$home/.docker/config.json" "$home/.netrc" \
            "$home/.git-credentials" "$home/.pypirc" "$home/.my.cnf" "$home/.pgpass" \
            "$home/.config/gh/hosts.yml" "$home/.terraform.d/credentials.tfrc.json" \
            "$home/.cvmimg/config.toml"
        observe_files history "$home/.zsh_history" "$home/.mysql_history" "$home/.psql_history" \
            "$home/.python_history" "$home/.rediscli_history" "$home/.sh_history"
        case $home in
        "$root/root" | "$root/home/ubuntu") ;; # the service clears their .bash_history
        *) observe_files history "$home/.bash_history" ;;
        esac
    done
    observe_files credentials "$root/etc/tencentcloud/credentials" \
        "$root"/etc/kubernetes/admin.conf "$root"/etc/rancher/k3s/k3s.yaml
    sed -n 's/^\([A-Za-z0-9_.-]*\):[$_a-zA-Z0-9./][^:]\{9,\}:.*/\1/p' "$root/etc/shadow" |
        while read -r account; do
            observe password "$account"
        done
}

consistency() {
    for path in "$root"/proc/[0-9]*/comm; do
        read -r name <"$path" || continue
        case $name in
        mysqld | mariadbd | postgres | postmaster | mongod | redis-server | etcd | ceph-osd | \
            ceph-mon | kubelet | consul | zookeeper | influxd | clickhouse-serv)
            observe process "$name"
            ;;
        esac
    done
}

readiness() {
    boot
    identity
    secrets
    consistency
}
