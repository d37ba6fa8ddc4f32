"""From bytes of HTTP to a validated call of an action, and back."""
