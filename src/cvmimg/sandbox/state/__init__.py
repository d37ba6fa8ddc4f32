"""The stored documents, the sandbox's clock, and tasks that take time."""
