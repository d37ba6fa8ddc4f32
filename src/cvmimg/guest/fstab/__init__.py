"""Decide which mounts keep a new instance from booting, and disable them while imaging."""
