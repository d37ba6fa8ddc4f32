"""The simulated guest operating systems of instances."""
