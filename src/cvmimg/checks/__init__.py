"""The preconditions of an image: pure functions from facts to a result, one file each."""
