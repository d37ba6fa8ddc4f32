# Part of inspect.sh: cloud-init, network configuration, names, agents with an identity.

identity() {
    set --
    for path in "$root/etc/cloud/cloud.cfg" "$root"/etc/cloud/cloud.cfg.d/*.cfg; do
        [ -f "$path" ] && set -- "$@" "$path"
    done
    observe_cloud_init
    observe_modules "$@"
    observe_settings "$@"
    observe_network
    observe_names "$@"
    observe_agents
}

observe_cloud_init() {
    for path in /usr/bin/cloud-init /usr/local/bin/cloud-init /bin/cloud-init; do
        if [ -f "$root$path" ]; then
            observe cloud-init "$path"
            observe_interpreter "$path"
            break
        fi
    done
    observe_file cloud-init-disabled /etc/cloud/cloud-init.disabled
    if matches "$root/etc/cloud/ds-identify.cfg" '^policy: *disabled'; then
        observe cloud-init-disabled /etc/cloud/ds-identify.cfg
    fi
    observe_file manual-cache /var/lib/cloud/instance/manual-clean
    for path in "$root"/var/lib/cloud/seed/nocloud*/meta-data; do
        observe_file other-datasource "${path#"$root"}"
    done
    if [ -d "$root/run/systemd/system" ]; then
        observe_units
    fi
}

# observe_interpreter PATH: what cloud-init cannot run without: its Python, and its package there.
observe_interpreter() {
    interpreter=$(head -c 200 "$root$1" | sed -n '1{s/^#![ 	]*//p;q;}')
    case $interpreter in
    '') return ;;
    */env\ *) interpreter=/usr/bin/$(printf '%s' "${interpreter##*/env }" | sed 's/^-S *//;s/ .*//') ;;
    *) interpreter=${interpreter%% *} ;;
    esac
    python=$(readlink -f "$root$interpreter")
    if [ ! -x "$python" ]; then
        observe cloud-init-broken "$interpreter"
        return
    fi
    python=${python##*/}
    python=${python#platform-}
    case $python in
    python[23].*[0-9]) ;;
    *) return ;;
    esac
    for path in "$root"/usr/lib/"$python"/*-packages/cloudinit \
        "$root"/usr/local/lib/"$python"/*-packages/cloudinit \
        "$root"/usr/lib64/"$python"/*-packages/cloudinit \
        "$root"/usr/lib/"${python%%.*}"/dist-packages/cloudinit \
        "$root${interpreter%/bin/*}"/lib*/"$python"/*-packages/cloudinit; do
        [ -d "$path" ] && return
    done
    observe cloud-init-broken "cloudinit ($python)"
}

observe_units() {
    for unit in cloud-init-local.service cloud-init.service cloud-init-network.service \
        cloud-init-main.service cloud-config.service cloud-final.service cloud-init.target; do
        # A masked unit is a link to /dev/null, the only device that a unit can be.
        if [ -L "$root/etc/systemd/system/$unit" ] && [ -c "$root/etc/systemd/system/$unit" ]; then
            observe cloud-init-disabled "/etc/systemd/system/$unit"
        fi
    done
    for path in "$root"/etc/systemd/system/*.wants/cloud-init* \
        "$root"/usr/lib/systemd/system/*.wants/cloud-init* \
        "$root"/lib/systemd/system/*.wants/cloud-init* \
        "$root"/run/systemd/generator*/*.wants/cloud-init.target; do
        [ -L "$path" ] && return
    done
    observe cloud-init-disabled 'systemctl enable cloud-init'
}

# observe_modules FILE…: the modules that set up a new instance, and are in no list. The last file
# that has a list decides.
observe_modules() {
    listed=
    for list in cloud_init_modules cloud_config_modules cloud_final_modules; do
        setting "$list" "$@"
        [ -n "$file" ] || continue
        listed="$listed $(block "$list" "$root$file" | tr '_' '-' | tr "[],\"'\n" '      ')"
    done
    for module in users-groups ssh set-passwords write-files runcmd scripts-user growpart; do
        case " $listed " in
        *" $module "*) ;;
        *) observe missing-module "$module" ;;
        esac
    done
}

# block NAME FILE: the lines of a setting, without comments.
block() {
    head -c "$file_limit" "$2" | tr -d '\r' |
        sed -n "/^[\"']*$1[\"']* *:/,/^[a-z\"']/{/^[\"']*$1[\"']* *:/p;/^[^a-z#\"']/p;}" |
        sed 's/[ 	]#.*//'
}

# setting NAME FILE…: assign the last file that sets NAME to $file, and the value to $value.
setting() {
    name=$1
    shift
    line=$(grep "^[\"']*$name[\"']* *:" /dev/null "$@" | tail -n 1 | head -c 2000)
    file=${line%%:*}
    file=${file#"$root"}
    value=${line#*:}
    value=${value#*:}
    value=$(printf '%s' "$value" | tr 'A-Z' 'a-z' | tr -d " \"'\r")
}

# observe_settings FILE…
observe_settings() {
    setting preserve_hostname "$@"
    case $value in
    true* | yes* | on*) observe preserve-hostname "$file" ;;
    esac
    setting manual_cache_clean "$@"
    case $value in
    true* | yes* | on*) observe manual-cache "$file" ;;
    esac
    setting ssh_deletekeys "$@"
    case $value in
    false* | no* | off* | 0*) observe keep-host-keys "$file" ;;
    esac
    setting datasource_list "$@"
    if [ -n "$file" ]; then
        known=no
        block datasource_list "$root$file" |
            grep -q -e ConfigDrive -e TencentCloud && known=yes
        observe datasources "$file" "$known"
    fi
    for path in "$@"; do
        if matches "$path" '^network:.*disabled' '^ *config: *["'\'']*disabled'; then
            observe network-config-disabled "${path#"$root"}"
        fi
    done
    observe_growth "$@"
}

observe_growth() {
    for path in /usr/bin/growpart /usr/local/bin/growpart /bin/growpart /usr/sbin/growpart; do
        observe_file growpart "$path"
    done
    observe_file growth-disabled /etc/growroot-disabled
    for path in "$@"; do
        block growpart "$path" |
            grep -q -e "mode: *[\"']*off" -e "mode: *[\"']*[Ff]alse" &&
            observe growth-disabled "${path#"$root"}"
    done
}

# Files with an address or a MAC address; those that cloud-init writes anew are kept apart.
observe_network() {
    for path in "$root"/etc/sysconfig/network-scripts/ifcfg-* "$root"/etc/sysconfig/network/ifcfg-* \
        "$root"/etc/netplan/*.yaml "$root"/etc/systemd/network/*.network \
        "$root"/etc/systemd/network/*.network.d/*.conf "$root"/etc/systemd/network/*.link "$root"/etc/NetworkManager/system-connections/* \
        "$root"/etc/network/interfaces "$root"/etc/network/interfaces.d/* \
        "$root"/etc/udev/rules.d/*persistent-net.rules; do
        case $path in
        */ifcfg-lo | */ifcfg-lo:*) continue ;;
        # Copies that no program reads.
        *'~' | *.bak | *.old | *.orig | *.rpmnew | *.rpmorig | *.rpmsave) continue ;;
        esac
        matches "$path" '^IPADDR[A-Z0-9_]*=["'\'']*[0-9]' '^IPV6ADDR=.' '^HWADDR=.' '^LLADDR=.' \
            '^MACADDR=.' '^ *macaddress:' '^ *- *["'\'']*[0-9][0-9a-fA-F.:]*/[0-9]' \
            '^ *addresses: *\[ *["'\'']*[0-9][0-9a-fA-F.:]*/[0-9]' \
            '^[ 	]*Address *= *[0-9a-fA-F:]' '^[ 	]*\(Permanent\)\{0,1\}MACAddress *=' \
            '^address\(es\)\{0,1\}[0-9]*=[0-9a-fA-F]' '^mac-address=' \
            '^cloned-mac-address=[0-9A-Fa-f][0-9A-Fa-f]:' \
            '^[ 	]*iface .* static' '^[ 	]*hwaddress ' '^[^#].*ATTR{address}==' || continue
        kind=static-network
        case $path in
        *50-cloud-init* | *cloud-init-*) kind=generated-network ;;
        *)
            if matches "$path" '^# Created by cloud-init' '^# .*generated by cloud-init' \
                '^# .*written by cloud-init'; then
                kind=generated-network
            elif matches "$path" '^TYPE=["'\'']*Bridge' '^type=bridge' '^type=wireguard' '^type=vpn' '^type=loopback' \
                '^type=dummy' '^Name=docker' '^Name=br' '^Name=wg' '^Name=cni' '^Name=lo$'; then
                continue
            fi
            ;;
        esac
        observe "$kind" "${path#"$root"}"
    done
}

# observe_names FILE…
observe_names() {
    for path in /etc/machine-id /var/lib/dbus/machine-id; do
        if [ ! -L "$root$path" ] && matches "$root$path" '^[0-9a-f]\{32\}$'; then
            observe machine-id "$path"
        fi
    done
    observe_files host-key "$root"/etc/ssh/ssh_host_*_key
    setting manage_etc_hosts "$@"
    case $value in
    true* | template*) return ;; # written anew at every boot
    esac
    observe_hosts
}

# Whether /etc/hosts has this instance's own name or address, but for loopback addresses.
observe_hosts() {
    [ -f "$root/etc/hosts" ] || return
    set --
    for address in $(own_addresses); do
        set -- "$@" -e "^[ 	]*$address[ 	]"
    done
    hostname=$(head -c 200 "$root/proc/sys/kernel/hostname")
    case $hostname in
    '' | localhost* | *[!A-Za-z0-9.-]*) ;;
    *) set -- "$@" -e "[ 	]$hostname\$" -e "[ 	]$hostname[ 	.#]" ;;
    esac
    [ $# -gt 0 ] || return
    head -c "$file_limit" "$root/etc/hosts" | tr -d '\r' |
        grep -v -e '^[ 	]*#' -e '^[ 	]*127\.' -e '^[ 	]*::1[ 	]' | grep -q "$@" &&
        observe own-hostname /etc/hosts
}

own_addresses() {
    [ -f "$root/proc/net/fib_trie" ] || return
    sed -n -e '/|-- /{s/.*|-- //;h;}' -e '/32 host LOCAL/{g;p;}' "$root/proc/net/fib_trie" |
        sort -u | grep -v -e '^127\.' -e '[^0-9.]' | head -n 50
}

# is_filled PATH: whether a file is not empty, or a directory holds something.
is_filled() {
    [ ! -d "$1" ] || set -- "$1"/*
    [ -s "$1" ]
}

observe_agents() {
    while read -r agent path; do
        if is_filled "$root$path"; then
            observe agent "$agent" "$path"
        fi
    done <<'END'
wazuh /var/ossec/etc/client.keys
puppet /etc/puppetlabs/puppet/ssl/private_keys
puppet /var/lib/puppet/ssl/private_keys
salt /etc/salt/pki/minion/minion.pem
chef /etc/chef/client.pem
consul /opt/consul/node-id
consul /opt/consul/data/node-id
consul /var/lib/consul/node-id
nomad /opt/nomad/data/client/client-id
kubelet /var/lib/kubelet/pki
k3s /var/lib/rancher/k3s/agent/client-kubelet.key
rke2 /var/lib/rancher/rke2/agent/client-kubelet.key
docker /var/lib/docker/engine-id
docker /etc/docker/key.json
docker-swarm /var/lib/docker/swarm/docker-state.json
gitlab-runner /etc/gitlab-runner/config.toml
buildkite-agent /etc/buildkite-agent/buildkite-agent.cfg
teamcity-agent /opt/buildAgent/conf/buildAgent.properties
tailscale /var/lib/tailscale/tailscaled.state
zerotier /var/lib/zerotier-one/identity.secret
teleport /var/lib/teleport/host_uuid
elastic-agent /opt/Elastic/Agent/fleet.enc
rhel-subscription /etc/pki/consumer/cert.pem
suse-subscription /etc/zypp/credentials.d/SCCcredentials
ubuntu-pro /var/lib/ubuntu-advantage/private/machine-token.json
domain-membership /etc/krb5.keytab
domain-membership /var/lib/samba/private/secrets.tdb
END
    for path in "$root"/home/*/actions-runner/.runner "$root"/opt/actions-runner/.runner \
        "$root"/actions-runner/.runner "$root"/root/actions-runner/.runner; do
        if [ -s "$path" ]; then
            observe agent github-actions-runner "${path#"$root"}"
        fi
    done
}
