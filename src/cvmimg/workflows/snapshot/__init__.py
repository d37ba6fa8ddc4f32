"""Create snapshots of data disks."""
