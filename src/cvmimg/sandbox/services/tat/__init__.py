"""tat: commands inside instances."""
