"""File system types by where their content comes from."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PSEUDO = _words(
    """
    autofs binfmt_misc bpf cgroup cgroup2 configfs debugfs devpts devtmpfs efivarfs fusectl
    fuse.lxcfs hugetlbfs mqueue nfsd nsfs proc pstore ramfs resctrl rpc_pipefs securityfs
    selinuxfs smackfs sysfs tmpfs tracefs usbdevfs usbfs
    """
)
"""Provided by the kernel; needs no disk."""

NETWORK = _words(
    """
    9p afs beegfs ceph cifs coda cosfs davfs davfs2 fuse.ceph fuse.cosfs fuse.davfs
    fuse.glusterfs fuse.goofys fuse.goosefs fuse.juicefs fuse.rclone fuse.s3fs fuse.sshfs
    glusterfs goosefs juicefs lustre ncpfs nfs nfs4 orangefs rclone s3fs smb3 smbfs sshfs turbo
    virtiofs
    """
)
"""Served over a network, or by the host."""

LAYERED = _words(
    """
    aufs bindfs ecryptfs fuse.bindfs fuse.fuse-overlayfs fuse.mergerfs fuse.overlayfs
    fuse.unionfs mergerfs overlay overlayfs unionfs
    """
)
"""Made of directories of other file systems."""
