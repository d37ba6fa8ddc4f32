"""Crash safety: one shape for every operation that changes something."""
