"""What the tool does: one file or folder for each job, built from durable steps."""
