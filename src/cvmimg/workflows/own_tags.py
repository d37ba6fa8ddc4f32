"""The tags by which cvmimg finds its own work again."""

from cvmimg.cloud.own_tags import OPERATION_TAG as OPERATION_TAG
from cvmimg.cloud.own_tags import SOURCE_TAG as SOURCE_TAG
