"""Root folders laid out as the distributions that Tencent Cloud offers lay them out."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.guest import rootfs

ROOT = "UUID=4c1e7bd2-root"
_MODULES = ("growpart", "resizefs", "write-files", "set_hostname", "users-groups", "ssh",
            "set-passwords", "runcmd", "scripts-user", "final-message")  # fmt: skip
_DRIVERS = ("virtio/virtio_pci", "block/virtio_blk", "nvme/host/nvme")
_CLEARED = ("boot", "lib", "usr/lib", "etc/cloud", "usr/bin/cloud-init", "usr/bin/python3",
            "usr/bin/python3.10", "etc/systemd/system/cloud-init.target.wants")  # fmt: skip


@dataclass(frozen=True)
class Distribution:
    """A distribution, as far as the readiness checks look at it.

    Attributes:
        name: for the tests.
        kernel: the version of its kernel.
        initramfs: the name of a kernel's initramfs, with ``{}`` for the version.
        interpreter: what cloud-init runs with, as its first line says.
        python: the program that the interpreter's links lead to.
        packages: the directory of its Python packages.
        wants: the directory with the links of enabled units.
        cloud_config: /etc/cloud/cloud.cfg.
        built_in: whether the kernel has the drivers itself, not in its initramfs.
        lister: the program that lists an initramfs.
        files: what else there is.
        links: symbolic links, by path.
    """

    name: str
    kernel: str
    initramfs: str
    interpreter: str
    python: str
    packages: str
    wants: str
    cloud_config: str
    built_in: bool = False
    lister: str = "lsinitrd"
    files: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)

    def make(self, folder: Path) -> Path:
        """Create a sound system of this distribution, just booted, with a data disk."""
        root = rootfs.make(folder, f"{ROOT} / ext4 defaults 0 1\n".encode())
        for path in _CLEARED:
            remove(root, path)
        for path, content in {**self._system(), **self._boot(), **self.files}.items():
            write(root, path, content)
        for path, target in self.links.items():
            link(root, path, target)
        for unit in ("cloud-init-local", "cloud-init", "cloud-config", "cloud-final"):
            link(root, f"{self.wants}/{unit}.service", f"/usr/lib/systemd/system/{unit}.service")
        return root

    def _system(self) -> dict[str, str]:
        return {
            "etc/hostname": "VM-0-5-server\n",
            "proc/sys/kernel/hostname": "VM-0-5-server\n",
            "proc/net/fib_trie": FIB_TRIE,
            "etc/hosts": "127.0.0.1 VM-0-5-server\n127.0.0.1 localhost\n::1 ip6-localhost\n",
            "etc/machine-id": "",
            "etc/passwd": PASSWD,
            "etc/shadow": "root:!locked::0:99999:7:::\nbin:*:18353:0:99999:7:::\n",
            "etc/cloud/cloud.cfg": self.cloud_config,
            "usr/bin/cloud-init": f"#!{self.interpreter}\nimport cloudinit\n",
            "usr/bin/growpart": "#!/bin/sh\n",
            self.python: "",
            f"{self.packages}/cloudinit/__init__.py": "",
            "etc/ssh/ssh_host_ed25519_key": "-----BEGIN OPENSSH PRIVATE KEY-----\n",
            "root/.bash_history": "ls\n",
            "root/.ssh/known_hosts": "github.com ssh-ed25519 AAAA\n",
            "proc/sys/kernel/osrelease": f"{self.kernel}\n",
            "proc/cmdline": f"BOOT_IMAGE=/vmlinuz-{self.kernel} root={ROOT} ro net.ifnames=0\n",
            "proc/1/comm": "systemd\n",
        }

    def _boot(self) -> dict[str, str]:
        modules = (
            f"usr/lib/modules/{self.kernel}"
            if self.name == "opensuse-15"
            else (f"lib/modules/{self.kernel}")
        )
        built_in = _DRIVERS if self.built_in else ("tty/serial/8250/8250",)
        listed = [f"-rw-r--r-- 1 root root 9 usr/lib/modules/{self.kernel}/modules.dep"]
        listed += [
            f"-rw-r--r-- 1 root root 21 usr/lib/modules/{self.kernel}/kernel/drivers/{name}.ko.xz"
            for name in _DRIVERS
        ]
        return {
            f"boot/vmlinuz-{self.kernel}": "kernel",
            f"boot/{self.initramfs.format(self.kernel)}": "\n".join([*listed, ""]),
            f"{modules}/modules.builtin": "".join(f"kernel/drivers/{n}.ko\n" for n in built_in),
            f"usr/bin/{self.lister}": '#!/bin/sh\ncat "$1"\n',
        }


def write(root: Path, path: str, content: str) -> None:
    """Write a file; programs can be run."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(content)
    if path.startswith(("usr/bin/", "usr/libexec/")):
        (root / path).chmod(0o755)


def link(root: Path, path: str, target: str) -> None:
    """Make a symbolic link, in place of whatever was there."""
    remove(root, path)
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).symlink_to(target)


def remove(root: Path, path: str) -> None:
    """Remove a file or directory."""
    if (root / path).is_dir() and not (root / path).is_symlink():
        shutil.rmtree(root / path)
    else:
        (root / path).unlink(missing_ok=True)


def grub2(title: str, kernel: str) -> dict[str, str]:
    """The boot loader of Enterprise Linux 7: entries by title in grub.cfg."""
    old = kernel.replace("-1", "-0", 1)
    return {
        "boot/grub2/grubenv": f"# GRUB Environment\nsaved_entry={title} ({kernel}) 7 (Core)\n",
        "boot/grub2/grub.cfg": (
            'if [ "${next_entry}" ] ; then\n   set default="${next_entry}"\n'
            'else\n   set default="${saved_entry}"\nfi\n'
            + "".join(
                f"menuentry '{title} ({version}) 7 (Core)' --class linux"
                f" $menuentry_id_option 'gnulinux-{version}-advanced-4c1e' {{\n"
                f"\tload_video\n\tlinux16 /boot/vmlinuz-{version} root={ROOT} ro quiet\n"
                f"\tinitrd16 /boot/initramfs-{version}.img\n}}\n"
                for version in (old, kernel)
            )
        ),
    }


def bls(title: str, kernel: str, options: str = f"root={ROOT} ro $tuned_params") -> dict[str, str]:
    """The boot loader of Enterprise Linux 8 and later: a file for each entry."""
    entry = f"23700000aa1b4d1ea2b2c5d0c9a7ffff-{kernel}"
    return {
        "boot/grub2/grubenv": (
            f"# GRUB Environment Block\nsaved_entry={entry}\nkernelopts=root={ROOT} ro quiet \n"
        ),
        "boot/grub2/grub.cfg": "insmod blscfg\nblscfg\n",
        f"boot/loader/entries/{entry}.conf": (
            f"title {title} ({kernel})\nversion {kernel}\nlinux /boot/vmlinuz-{kernel}\n"
            f"initrd /boot/initramfs-{kernel}.img\noptions {options}\ngrub_class kernel\n"
        ),
    }


def grub_mkconfig(folder: str, title: str, kernel: str, initramfs: str) -> dict[str, str]:
    """The boot loader of Debian, Ubuntu and SUSE: the newest kernel first."""
    return {
        f"boot/{folder}/grubenv": "# GRUB Environment Block\n####\n",
        f"boot/{folder}/grub.cfg": (
            'if [ "${next_entry}" ] ; then\n   set default="${next_entry}"\nelse\n'
            '   set default="0"\nfi\n'
            f"menuentry '{title}' --class os $menuentry_id_option 'gnulinux-simple-4c1e' {{\n"
            f"\tlinux\t/boot/vmlinuz-{kernel} root={ROOT} ro console=ttyS0\n"
            f"\tinitrd\t/boot/{initramfs.format(kernel)}\n}}\n"
            f"submenu 'Advanced options for {title}' {{\n"
            f"\tmenuentry '{title}, with Linux 4.1.0-old' {{\n"
            f"\t\tlinux\t/boot/vmlinuz-4.1.0-old root=/dev/vda1 ro\n\t}}\n}}\n"
        ),
    }


def cloud_config(separator: str = "-", *, flow: bool = False) -> str:
    """A cloud.cfg; older ones write modules with hyphens, newer ones with underscores."""
    names = [name.replace("-", separator) for name in _MODULES]
    lists = (names[:6], names[6:8], names[8:])
    text = "users:\n - default\ndisable_root: 0\nssh_pwauth: 1\npreserve_hostname: false\n"
    text += "datasource_list: [ ConfigDrive, TencentCloud ]\nmanage_etc_hosts: localhost\n"
    for stage, modules in zip(("init", "config", "final"), lists, strict=True):
        if flow:
            text += f"cloud_{stage}_modules: [{', '.join(modules)}]\n"
        else:
            text += f"\ncloud_{stage}_modules:\n" + "".join(f" - {name}\n" for name in modules)
    return text.replace(" - runcmd", " - [runcmd, once-per-instance]")


FIB_TRIE = """\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.0.0.5
        /32 host LOCAL
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 10.0.0.255
        /32 link BROADCAST
"""
PASSWD = (
    "root:x:0:0:root:/root:/bin/bash\nbin:x:1:1:bin:/bin:/sbin/nologin\n"
    "jenkins:x:995:993:Jenkins:/var/lib/jenkins:/bin/bash\nann:x:1000:1000::/home/ann:/bin/bash\n"
)
_IFCFG = """\
# Created by cloud-init on instance boot automatically, do not edit.
#
BOOTPROTO=dhcp
DEVICE=eth0
HWADDR=52:54:00:aa:bb:cc
ONBOOT=yes
TYPE=Ethernet
USERCTL=no
"""
_UDEV = (
    'SUBSYSTEM=="net", ACTION=="add", DRIVERS=="?*", ATTR{address}=="52:54:00:aa:bb:cc",'
    ' NAME="eth0"\n'
)
_SYSCONFIG = {
    "etc/sysconfig/network-scripts/ifcfg-eth0": _IFCFG,
    "etc/sysconfig/network-scripts/ifcfg-lo": "DEVICE=lo\nIPADDR=127.0.0.1\nNETMASK=255.0.0.0\n",
    "etc/udev/rules.d/70-persistent-net.rules": _UDEV,
}
_NETPLAN = """\
# This file is generated from information provided by the datasource.
network:
    version: 2
    ethernets:
        eth0:
            dhcp4: true
            match:
                macaddress: 52:54:00:aa:bb:cc
            set-name: eth0
"""
_ENI = (
    "# This file is generated by cloud-init\nauto eth0\niface eth0 inet static\n"
    "    address 10.0.0.5/22\n"
)
_KEYFILE = (
    "# Generated by cloud-init. Changes will be lost.\n[connection]\nid=cloud-init eth0\n"
    "[ethernet]\nmac-address=52:54:00:AA:BB:CC\n[ipv4]\nmethod=auto\n"
)
_MULTI_USER = "etc/systemd/system/multi-user.target.wants"
_TARGET = "etc/systemd/system/cloud-init.target.wants"


def _el7(name: str, title: str, kernel: str) -> Distribution:
    return Distribution(
        name, kernel, "initramfs-{}.img", "/usr/bin/python2", "usr/bin/python2.7",
        "usr/lib/python2.7/site-packages", _MULTI_USER, cloud_config(),
        files={
            **_SYSCONFIG, **grub2(title, kernel),
            "boot/vmlinuz-0-rescue-23700000aa1b4d1ea2b2c5d0c9a7ffff": "kernel",
        },
        links={"usr/bin/python2": "python2.7", "usr/bin/python": "python2"},
    )  # fmt: skip


def _el8(name: str, title: str, kernel: str) -> Distribution:
    return Distribution(
        name, kernel, "initramfs-{}.img", "/usr/libexec/platform-python -s",
        "usr/libexec/platform-python3.6", "usr/lib/python3.6/site-packages", _MULTI_USER,
        cloud_config(), files={**_SYSCONFIG, **bls(title, kernel, "$kernelopts $tuned_params")},
        links={"usr/libexec/platform-python": "platform-python3.6"},
    )  # fmt: skip


def _el9(name: str, title: str, kernel: str, python: str = "python3.9") -> Distribution:
    connection = "etc/NetworkManager/system-connections/cloud-init-eth0.nmconnection"
    return Distribution(
        name, kernel, "initramfs-{}.img", "/usr/bin/python3 -s", f"usr/bin/{python}",
        f"usr/lib/{python}/site-packages", _TARGET, cloud_config("_"),
        files={connection: _KEYFILE, **bls(title, kernel)},
        links={"usr/bin/python3": python},
    )  # fmt: skip


def _debian(
    name: str, title: str, kernel: str, python: str, network: Mapping[str, str], *, built_in: bool
) -> Distribution:
    return Distribution(
        name, kernel, "initrd.img-{}", "/usr/bin/python3", f"usr/bin/{python}",
        "usr/lib/python3/dist-packages", _TARGET,
        cloud_config("_" if python > "python3.11" else "-", flow=python == "python3.9"),
        built_in=built_in, lister="lsinitramfs",
        files={
            **network, **grub_mkconfig("grub", title, kernel, "initrd.img-{}"),
            "var/lib/dpkg/status": "Package: bash\nStatus: install ok installed\n",
            "etc/cloud/cloud.cfg.d/05_logging.cfg": "_log:\n - &log_base |\n   [loggers]\n",
            "boot/vmlinuz-4.1.0-old": "kernel", "boot/initrd.img-4.1.0-old": "initramfs",
        },
        links={"usr/bin/python3": python},
    )  # fmt: skip


_SUSE_KERNEL = "5.14.21-150500.55.73-default"
_UBUNTU_NETWORK = {"etc/netplan/50-cloud-init.yaml": _NETPLAN}
_DEBIAN_NETWORK = {"etc/network/interfaces.d/50-cloud-init": _ENI}
DISTRIBUTIONS = {
    each.name: each
    for each in (
        _el7("tencentos-2", "TencentOS Server", "5.4.119-1-tlinux4-0010.3"),
        _el8("tencentos-3", "TencentOS Server 3.1", "5.4.119-19-0009.54"),
        _el9("tencentos-4", "TencentOS Server 4", "6.6.30-5.tl4.x86_64", "python3.11"),
        _el7("centos-7", "CentOS Linux", "3.10.0-1160.119.1.el7.x86_64"),
        _el9("centos-stream-9", "CentOS Stream 9", "5.14.0-503.el9.x86_64"),
        _el8("rocky-8", "Rocky Linux 8.9", "4.18.0-513.5.1.el8_9.x86_64"),
        _el9("alma-9", "AlmaLinux 9.4", "5.14.0-427.13.1.el9_4.x86_64"),
        _debian(
            "ubuntu-20.04", "Ubuntu", "5.4.0-216-generic", "python3.8", _UBUNTU_NETWORK,
            built_in=True,
        ),
        _debian(
            "ubuntu-22.04", "Ubuntu", "5.15.0-139-generic", "python3.10", _UBUNTU_NETWORK,
            built_in=True,
        ),
        _debian(
            "ubuntu-24.04", "Ubuntu", "6.8.0-58-generic", "python3.12", _UBUNTU_NETWORK,
            built_in=True,
        ),
        _debian(
            "debian-11", "Debian GNU/Linux", "5.10.0-34-amd64", "python3.9", _DEBIAN_NETWORK,
            built_in=False,
        ),
        _debian(
            "debian-12", "Debian GNU/Linux", "6.1.0-37-amd64", "python3.11", _DEBIAN_NETWORK,
            built_in=False,
        ),
        Distribution(
            "opensuse-15", _SUSE_KERNEL, "initrd-{}", "/usr/bin/python3.6", "usr/bin/python3.6",
            "usr/lib/python3.6/site-packages", _TARGET, cloud_config(),
            files={
                **grub_mkconfig("grub2", "openSUSE Leap 15.5", _SUSE_KERNEL, "initrd-{}"),
                "etc/sysconfig/network/ifcfg-eth0": "BOOTPROTO='dhcp'\nSTARTMODE='auto'\n",
                "etc/sysconfig/network/ifcfg-lo": "IPADDR='127.0.0.1/8'\n",
            },
            links={
                "lib": "usr/lib", "boot/vmlinuz": f"vmlinuz-{_SUSE_KERNEL}",
                "usr/bin/python3": "python3.6",
            },
        ),
    )
}  # fmt: skip
