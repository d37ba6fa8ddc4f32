"""Delete images with their snapshots."""
