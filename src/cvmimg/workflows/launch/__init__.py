"""Launch instances from an image."""
