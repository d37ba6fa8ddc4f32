# Part of inspect.sh: keys, credentials, histories and passwords, by path, account and count.

secrets() {
    homes | observe_homes
    homes | observe_keys
    observe_files credentials "$root"/etc/tencentcloud/credentials "$root"/etc/kubernetes/*.conf \
        "$root"/etc/rancher/k3s/k3s.yaml "$root"/etc/rancher/rke2/rke2.yaml \
        "$root"/etc/gitlab-runner/config.toml "$root"/opt/actions-runner/.credentials \
        "$root"/etc/vault.token "$root"/etc/rclone.conf
    observe_passwords
}

# homes: the home directories that exist, as paths in the guest with all links followed; not those
# below mounts of network file systems, which may hang, and are not in the image.
homes() {
    remote=$(sed -n -e 's/^[^ ]* [^ ]* [^ ]* [^ ]* \([^ ]*\) .* - nfs4\{0,1\} .*/\1/p' \
        -e 's/^[^ ]* [^ ]* [^ ]* [^ ]* \([^ ]*\) .* - cifs .*/\1/p' \
        -e 's/^[^ ]* [^ ]* [^ ]* [^ ]* \([^ ]*\) .* - autofs .*/\1/p' \
        -e 's/^[^ ]* [^ ]* [^ ]* [^ ]* \([^ ]*\) .* - fuse[^ ]* .*/\1/p' \
        "$root/proc/self/mountinfo" | grep -v '^/$')
    {
        echo /root
        [ ! -f "$root/etc/passwd" ] ||
            sed -n 's/^\([^:]*:\)\{5\}\(\/[^:]*\):.*/\2/p' "$root/etc/passwd"
        for path in "$root"/home/*; do
            printf '%s\n' "${path#"$root"}"
        done
    } | sort -u | while IFS= read -r home; do
        if [ -L "$root$home" ] || [ -L "$root${home%/*}" ]; then
            home=$(resolve "$root$home") && home=${home#"$root"} || continue
        fi
        is_remote "$home" || [ ! -d "$root$home" ] || printf '%s\n' "${home%/}"
    done | sort -u | head -n "$most_homes"
}

is_remote() {
    for mount in $remote; do
        case $1/ in
        "$mount"/*) return 0 ;;
        esac
    done
    return 1
}

# observe_homes: credentials and histories in the home directories on standard input.
observe_homes() {
    set --
    while IFS= read -r home; do
        home=$root$home
        observe_files credentials "$home/.aws/credentials" "$home"/.tccli/*.credential \
            "$home"/.tccli/*.log* "$home"/.tccli/log/*.log* "$home/.tencentcloud/credentials" \
            "$home/.cos.conf" "$home/.cos.yaml" "$home/.aliyun/config.json" \
            "$home/.hcloud/config.json" "$home/.config/hcloud/cli.toml" "$home/.ossutilconfig" \
            "$home/.config/gcloud/credentials.db" "$home/.azure/msal_token_cache.json" \
            "$home/.azure/accessTokens.json" "$home/.kube/config" "$home/.netrc" \
            "$home/.git-credentials" "$home/.config/git/credentials" "$home/.pypirc" \
            "$home/.my.cnf" "$home/.pgpass" "$home/.s3cfg" "$home/.boto" "$home/.vault-token" \
            "$home/.config/gh/hosts.yml" "$home/.config/glab-cli/config.yml" \
            "$home/.config/rclone/rclone.conf" "$home/.terraform.d/credentials.tfrc.json" \
            "$home/.terraformrc" "$home/.cargo/credentials.toml" "$home/.gem/credentials" \
            "$home/.composer/auth.json" "$home/.config/helm/registry/config.json" \
            "$home/actions-runner/.credentials" "$home/.cvmimg/config.toml" \
            "$home/secrets/master.key"
        observe_files history "$home/.zsh_history" "$home/.mysql_history" "$home/.psql_history" \
            "$home/.python_history" "$home/.rediscli_history" "$home/.sh_history" \
            "$home/.ash_history" "$home/.sqlite_history" "$home/.mongo_history" \
            "$home/.local/share/fish/fish_history"
        case ${home#"$root"} in
        /root | /home/ubuntu) ;; # the service clears their .bash_history
        *) observe_files history "$home/.bash_history" ;;
        esac
        for path in "$home/.docker/config.json" "$home/.config/containers/auth.json" \
            "$home/.npmrc" "$home/.m2/settings.xml" "$home/.gradle/gradle.properties" \
            "$home/.bashrc" "$home/.bash_profile" "$home/.profile" "$home/.zshrc" \
            "$home/.zprofile" "$home/.env"; do
            [ -f "$path" ] && [ -s "$path" ] && set -- "$@" "$path"
        done
        if [ $# -ge "$most_arguments" ]; then
            files_with_secrets "$@"
            set --
        fi
    done
    for path in "$root"/etc/environment "$root"/etc/profile "$root"/etc/profile.d/*.sh; do
        [ -f "$path" ] && [ -s "$path" ] && set -- "$@" "$path"
    done
    files_with_secrets "$@"
}

# files_with_secrets FILE…: those with a line that looks like a secret.
files_with_secrets() {
    secret='"auth" *:\|_authToken\|<password>\|SECRET_\{0,1\}\(ACCESS_\)\{0,1\}KEY *=\|_TOKEN=[A-Za-z0-9"]'
    files_with 2048 0 "$secret" "$@" | observe_lines credentials
}

# observe_keys: SSH keys in the home directories on standard input, and private keys of services.
observe_keys() {
    set --
    while IFS= read -r home; do
        [ -d "$root$home/.ssh" ] && set -- "$@" "$root$home/.ssh/"
        for path in "$root$home"/*.pem "$root$home"/*.key; do
            [ -f "$path" ] && set -- "$@" "$path"
        done
        if [ $# -ge "$most_arguments" ]; then
            authorized_keys 'authorized_keys*' "$@"
            private_keys "$@"
            set --
        fi
    done
    [ $# -eq 0 ] || authorized_keys 'authorized_keys*' "$@"
    for path in "$root/etc/ssh/authorized_keys" "$root/etc/ssh/authorized_keys.d"; do
        [ -e "$path" ] && authorized_keys '*' "$path"
    done
    for path in /etc/ssl/private /etc/pki/tls/private /etc/letsencrypt/archive /etc/nginx \
        /etc/apache2 /etc/httpd /etc/haproxy; do
        [ -d "$root$path" ] && set -- "$@" "$root$path/"
    done
    private_keys "$@"
}

# private_keys PATH…: files with private keys.
private_keys() {
    # Keys that packages generate for a host's own self-signed certificate are of no value.
    files_with 256 3 'PRIVATE KEY-----' "$@" |
        grep -v -e /ssl-cert-snakeoil.key -e /private/localhost.key | sed 's|//*|/|g' |
        observe_lines private-key
}

# authorized_keys NAME PATH…: files of this name with lines that are keys, and their number.
authorized_keys() {
    name=$1
    shift
    find "$@" -maxdepth 1 -type f -name "$name" -size -4096 -exec \
        grep -c -v -e '^[[:space:]]*$' -e '^[[:space:]]*#' /dev/null {} + |
        sed 's|//*|/|g' | grep ':[1-9][0-9]*$' | head -n "$most_found" |
        while IFS= read -r line; do
            path=${line%:*}
            observe authorized-keys "${path#"$root"}" "${line##*:}"
        done
}

observe_passwords() {
    [ -f "$root/etc/shadow" ] || return
    sed -n -e 's/^\([A-Za-z0-9_.-]*\):[$_a-zA-Z0-9./][^:]\{9,\}:.*/\1/p' \
        -e 's/^\([A-Za-z0-9_.-]\{1,\}\)::.*/\1/p' "$root/etc/shadow" | head -n "$most_found" |
        while read -r account; do
            observe password "$account"
        done
}
