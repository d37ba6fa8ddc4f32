"""What is looked at and changed inside an instance."""
