"""Copy an image to other regions."""
