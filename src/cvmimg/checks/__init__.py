"""The preconditions of an image, a file a check: from facts to a verdict."""
