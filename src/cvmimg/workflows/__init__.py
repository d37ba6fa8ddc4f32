"""What the tool does, a file a job; built of durable steps."""
