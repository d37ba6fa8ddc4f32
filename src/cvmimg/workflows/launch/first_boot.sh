#!/bin/sh
# Written by cvmimg (launch --fix): gives this instance an identity of its own.

fix_machine_id() {
    rm -f /etc/machine-id
    [ -L /var/lib/dbus/machine-id ] || rm -f /var/lib/dbus/machine-id
    systemd-machine-id-setup || dbus-uuidgen --ensure=/etc/machine-id
    [ -d /var/lib/dbus ] && dbus-uuidgen --ensure
    return 0
}

fix_host_keys() {
    rm -f /etc/ssh/ssh_host_*_key /etc/ssh/ssh_host_*_key.pub
    ssh-keygen -A
    systemctl restart ssh || systemctl restart sshd || service sshd restart
}

fix_hostname() {
    old=$(hostname)
    new=$(cloud-init query local_hostname) || new=
    case $new in
    '' | *[!A-Za-z0-9.-]*) return ;;
    esac
    hostnamectl set-hostname "$new" || hostname "$new"
    # A line that names the instance that the image was made of, but for loopback addresses.
    case $old in
    '' | "$new" | localhost* | *[!A-Za-z0-9.-]*) ;;
    *) sed -i "/^[ 	]*127\./!s/^\([^#]*[ 	]\)$old\([ 	.].*\)*\$/# cvmimg: &/" /etc/hosts ;;
    esac
}

# Each agent registers anew when it starts without what it was registered with.
fix_agents() {
    forget wazuh-agent /var/ossec/etc/client.keys
    forget puppet /etc/puppetlabs/puppet/ssl
    forget puppet /var/lib/puppet/ssl
    forget salt-minion /etc/salt/pki/minion /etc/salt/minion_id
    forget chef-client /etc/chef/client.pem
    forget consul /opt/consul/node-id /opt/consul/data/node-id /var/lib/consul/node-id
    forget nomad /opt/nomad/data/client/client-id
    forget docker /var/lib/docker/engine-id /etc/docker/key.json
    forget teleport /var/lib/teleport/host_uuid
    forget tailscaled /var/lib/tailscale/tailscaled.state
    forget zerotier-one /var/lib/zerotier-one/identity.secret /var/lib/zerotier-one/identity.public
}

# forget UNIT PATH...: remove the paths, and start the unit again if it runs.
forget() {
    unit=$1
    shift
    found=
    for path in "$@"; do
        [ -e "$path" ] && found=yes
    done
    [ -n "$found" ] || return 0
    running=no
    systemctl is-active --quiet "$unit" && running=yes
    [ "$running" = no ] || systemctl stop "$unit"
    rm -rf "$@"
    [ "$running" = no ] || systemctl start "$unit"
}
