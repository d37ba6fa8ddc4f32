"""Read and change the inside of an instance."""
