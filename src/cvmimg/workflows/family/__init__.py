"""Image families: which image serves, which did, and changing that."""
