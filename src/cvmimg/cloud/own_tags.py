"""The tags by which cvmimg finds its own work again."""

OPERATION_TAG = "cvmimg-operation"
"""On an image or a snapshot: the id of the operation that created it."""
SOURCE_TAG = "cvmimg-source-instance"
"""On an image: the id of the instance it was made from."""
COPIED_FROM_TAG = "cvmimg-copied-from"
"""On a copy: the region and the id of the image it was copied from ("ap-guangzhou/img-…")."""
