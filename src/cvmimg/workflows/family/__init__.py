"""Image families: which image serves, which ones did, and how to change that."""
