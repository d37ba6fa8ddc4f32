"""The tags by which cvmimg finds its own work again."""

OPERATION_TAG = "cvmimg-operation"
"""On an image or a snapshot: the id of the operation that created it."""
SOURCE_TAG = "cvmimg-source-instance"
"""On an image: the id of the instance it was made from."""
