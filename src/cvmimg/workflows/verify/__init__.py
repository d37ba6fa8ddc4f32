"""Prove that an image boots: launch an instance from it, look inside, terminate it."""
