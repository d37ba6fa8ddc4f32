"""The actions that the sandbox answers, a file or folder a service."""
