"""Create an image and leave its source instance unchanged."""
