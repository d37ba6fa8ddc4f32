"""Restore instances that an operation on another machine has left changed."""
