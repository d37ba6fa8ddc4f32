# Part of inspect.sh: the boot loader, kernels and their drivers, updates, file systems.

boot() {
    observe_kernels
    observe_default_entry
    observe_kernel_options kernel-option "$(head -c 4096 "$root/proc/cmdline")"
    observe_resume
    observe_drivers "${next_kernel:-$running_kernel}"
    observe_packages
    observe_file_systems
    observe_space
    observe_immutable
    for path in /run/reboot-required /run/reboot-needed; do
        observe_file reboot-required "$path"
    done
    observe_file relabel-pending /.autorelabel
}

observe_kernels() {
    running_kernel=$(head -c 200 "$root/proc/sys/kernel/osrelease")
    observe running-kernel "$running_kernel"
    for path in "$root"/boot/vmlinuz-* "$root"/boot/vmlinux-* "$root"/boot/Image-*; do
        version=${path##*/}
        version=${version#*-}
        case $version in
        *rescue* | '*' | *.gz | *.xz) continue ;;
        esac
        observe kernel "$version" "$([ -n "$(initramfs_of "$version")" ] && echo yes || echo no)"
    done
}

# initramfs_of VERSION: its path.
initramfs_of() {
    for path in "$root/boot/initrd.img-$1" "$root/boot/initramfs-$1.img" "$root/boot/initrd-$1" \
        "$root/boot/initramfs-$1"; do
        if [ -s "$path" ]; then
            printf '%s' "$path"
            return
        fi
    done
}

# The kernel, root and resume devices of the entry that the boot loader starts next.
observe_default_entry() {
    next_kernel=
    entry=$(default_entry)
    case $entry in
    ?*) ;;
    *) return ;;
    esac
    image=${entry%%[ 	]*}
    if [ -L "$root/boot/${image##*/}" ]; then
        image=$(readlink "$root/boot/${image##*/}")
    fi
    case ${image##*/} in
    *-*) ;;
    *) return ;;
    esac
    next_kernel=${image##*/}
    next_kernel=${next_kernel#*-}
    [ -e "$root/boot/${image##*/}" ] && present=present || present=missing
    observe next-kernel "$next_kernel" "$present"
    observe_kernel_options boot-option "$entry"
}

# default_entry: the kernel and options of the boot loader's default entry, on one line.
default_entry() {
    for grub in "$root/boot/grub2" "$root/boot/grub" "$root"/boot/efi/EFI/*; do
        [ -f "$grub/grub.cfg" ] || continue
        saved=$(grub_variable next_entry)
        saved=${saved:-$(grub_variable saved_entry)}
        { matches "$grub/grub.cfg" '^[ 	]*blscfg' && blscfg_entry "$saved"; } ||
            grub_entry "$saved"
        return
    done
}

grub_variable() {
    [ -f "$grub/grubenv" ] && head -c 4096 "$grub/grubenv" | sed -n "s/^$1=//p" | head -n 1
}

# blscfg_entry SAVED: from a file of the Boot Loader Specification, by its id, title or number; the
# first one, where the entry does not exist.
blscfg_entry() {
    entries=$(blscfg_entries)
    case $1 in
    '' | *[!0-9]*) file=$(blscfg_named "$1") ;;
    *) file=$(printf '%s\n' "$entries" | sed -n "$(($1 + 1))p") ;;
    esac
    file=$root/boot/loader/entries/${file:-$(printf '%s\n' "$entries" | head -n 1)}
    [ -f "$file" ] || return 1
    printf '%s' "$(head -c 8192 "$file" | sed -n -e 's/^linux[ 	]*//p' -e 's/^options[ 	]*//p' |
        tr '\n' ' ')"
    case $(head -c 8192 "$file") in
    *'$kernelopts'*) printf ' %s' "$(grub_variable kernelopts)" ;;
    esac
}

# blscfg_entries: the names of the files, in the order of the menu: the newest version first. A part
# with letters is older than none: 5.14.0-427.el9 is older than 5.14.0-427.13.1.el9.
blscfg_entries() {
    for path in "$root"/boot/loader/entries/*.conf; do
        [ -f "$path" ] && printf '%s\n' "${path##*/}"
    done | grep -v -e rescue -e '~' | sed 's/\.\([a-z]\)/~\1/g' | sort -rV | tr '~' '.' |
        head -n 100
}

# blscfg_named ID: the name of the file with this id or title.
blscfg_named() {
    case $1 in
    '' | */*) return ;;
    esac
    printf '%s\n' "$entries" | while IFS= read -r file; do
        path=$root/boot/loader/entries/$file
        if [ "$file" = "$1.conf" ] ||
            [ "$(head -c 8192 "$path" | sed -n 's/^title[ 	]*//p')" = "$1" ]; then
            printf '%s' "$file"
            return
        fi
    done
}

# grub_entry SAVED: from grub.cfg; the first one, where the entry does not exist.
grub_entry() {
    wanted=$(head -c "$file_limit" "$grub/grub.cfg" |
        sed -n 's/^[ 	]*set default="\([^"]*\)".*/\1/p' | grep -v '{next_entry}' | tail -n 1)
    case $wanted in
    '') wanted=0 ;;
    *'{saved_entry}'*) wanted=${1:-0} ;;
    esac
    head -c "$file_limit" "$grub/grub.cfg" | kernel_line "$wanted" ||
        head -c "$file_limit" "$grub/grub.cfg" | kernel_line 0
}

# kernel_line WANTED: the arguments of the linux command in the entry with this number, title or id;
# "a>b" is the entry b in the submenu a.
kernel_line() {
    wanted=$1
    menu=0
    depth=0
    number=-1
    chosen=
    while read -r word rest; do
        case $word in
        menuentry | submenu)
            [ -z "$chosen" ] || return 1
            if [ "$depth" -eq "$menu" ]; then
                number=$((number + 1))
                choose "$word"
            fi
            ;;
        linux | linux16 | linuxefi)
            if [ -n "$chosen" ]; then
                printf '%s' "$rest"
                return 0
            fi
            ;;
        esac
        case "$word $rest" in
        *'{') depth=$((depth + 1)) ;;
        '} '*) depth=$((depth - 1)) ;;
        esac
    done
    return 1
}

# choose WORD: whether the entry at hand is the wanted one, or the submenu that leads to it.
choose() {
    here=${wanted%%>*}
    case "$here:$rest" in
    "$number:"* | "$here:'$here'"* | "$here:\"$here\""* | "$here:"*"'$here' {") ;;
    *) return ;;
    esac
    if [ "$1" = menuentry ]; then
        chosen=yes
        return
    fi
    menu=$((depth + 1))
    number=-1
    case $wanted in
    *'>'*) wanted=${wanted#*>} ;;
    *) wanted=0 ;;
    esac
}

# observe_kernel_options KIND LINE: those that name devices or turn something off.
observe_kernel_options() {
    printf '%s\n' "$2" | tr ' \t' '\n\n' | while IFS= read -r option; do
        case $option in
        root=* | resume=* | cloud-init=disabled | network-config=disabled | autorelabel=1)
            observe "$1" "${option%%=*}" "${option#*=}"
            ;;
        esac
    done
}

# The swap that the initramfs of Debian and Ubuntu looks for.
observe_resume() {
    [ -f "$root/etc/initramfs-tools/conf.d/resume" ] || return
    resume=$(head -c 4096 "$root/etc/initramfs-tools/conf.d/resume" |
        sed -n 's/^ *RESUME=//p' | tail -n 1 | tr -d "\"' ")
    case $resume in
    '' | none | auto) ;;
    *) observe initramfs-option resume "$resume" ;;
    esac
}

# observe_drivers VERSION: where this kernel has the drivers of the system disk.
observe_drivers() {
    case $1 in
    '' | */*) return ;;
    esac
    missing=
    for driver in virtio_pci virtio_blk nvme; do
        if matches "$root/lib/modules/$1/modules.builtin" "/$driver\.ko"; then
            observe driver "$driver" built-in
        else
            missing="$missing $driver"
        fi
    done
    [ -n "$missing" ] && [ -f "$root/lib/modules/$1/modules.builtin" ] || return
    initramfs=$(initramfs_of "$1")
    # The initramfs that this system has booted with has what it needs.
    if [ "$1" = "$running_kernel" ] && [ "$root/run/udev/control" -nt "$initramfs" ]; then
        return
    fi
    content=$(list_initramfs "$initramfs" | grep -o -e '/virtio_pci\.ko' -e '/virtio_blk\.ko' \
        -e '/nvme\.ko' -e '/modules\.dep$')
    case $content in
    *modules.dep*) ;;
    *) return ;;
    esac
    for driver in $missing; do
        case $content in
        */"$driver".ko*) observe driver "$driver" initramfs ;;
        *) observe driver "$driver" missing ;;
        esac
    done
}

list_initramfs() {
    for lister in lsinitramfs lsinitrd; do
        lister=$(program "$lister")
        if has "$lister"; then
            # Its temporary files stay in memory.
            TMPDIR=$root/run "$lister" "$1"
            return
        fi
    done
}

observe_packages() {
    for path in "$root"/var/lib/dpkg/updates/[0-9]* "$root"/var/lib/yum/transaction-all.*; do
        observe_file unfinished-packages "${path#"$root"}"
    done
    if matches "$root/var/lib/dpkg/status" '^Status: .* half-' '^Status: .* unpacked$' \
        '^Status: .* triggers-'; then
        observe unfinished-packages /var/lib/dpkg/status
    fi
    for path in "$root"/proc/[0-9]*/comm; do
        read -r name <"$path" || continue
        case $name in
        apt | apt-get | aptitude | dpkg | yum | dnf | dnf5 | rpm | zypper)
            observe unfinished-packages "$name"
            ;;
        esac
    done
}

observe_file_systems() {
    for path in "$root"/sys/fs/ext4/*/errors_count; do
        [ -f "$path" ] && read -r count <"$path" && [ "$count" != 0 ] || continue
        device=${path%/errors_count}
        observe file-system-error "/dev/${device##*/}" "$count"
    done
    dmesg=$(program dmesg)
    if has "$dmesg"; then
        count=$("$dmesg" | grep -c -e 'EXT[234]-fs error' -e 'XFS (.*[Cc]orruption' \
            -e 'BTRFS error' -e 'I/O error, dev [vs]d')
        [ "${count:-0}" = 0 ] || observe file-system-error 'kernel log' "$count"
    fi
}

# Full: less than 1 GiB or 1% is left, or less than 5% of the inodes.
observe_space() {
    df=$(program df)
    has "$df" || return
    "$df" -Pk "$root/" "$root/var" "$root/tmp" |
        sed -n 's/^.* \([0-9][0-9]*\)  *\([0-9][0-9]*\)%  *\(\/.*\)$/\1 \2 \3/p' | sort -u |
        while read -r left percent mount; do
            if [ "$percent" -ge 99 ] || { [ "$percent" -ge 95 ] && [ "$left" -lt 1048576 ]; }; then
                observe full "$mount" space
            fi
        done
    "$df" -Pi "$root/" "$root/var" "$root/tmp" |
        sed -n 's/^.* \([0-9][0-9]*\)%  *\(\/.*\)$/\1 \2/p' | sort -u |
        while read -r percent mount; do
            [ "$percent" -lt 95 ] || observe full "$mount (inodes)" inodes
        done
}

observe_immutable() {
    lsattr=$(program lsattr)
    has "$lsattr" || return
    "$lsattr" -d "$root/etc/passwd" "$root/etc/shadow" "$root/etc/group" "$root/etc/gshadow" |
        sed -n 's/^[^ ]*i[^ ]* //p' | observe_lines immutable
}
