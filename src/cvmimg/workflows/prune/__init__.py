"""Delete images and snapshots that no rule keeps."""
