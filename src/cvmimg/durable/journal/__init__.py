"""What survives a crash: one file for each operation."""
