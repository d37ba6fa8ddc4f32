"""The limits that the API states for its parameters and answers."""

from __future__ import annotations

NAME_LENGTH = 60
"""Characters in the name of an image, an instance or a snapshot."""
DESCRIPTION_LENGTH = 256
"""Characters in the description of an image."""
TAG_KEY_LENGTH, TAG_VALUE_LENGTH = 127, 255
"""Characters in a tag."""
INSTANCES_PER_LAUNCH = 500
"""Instances that one RunInstances starts."""
INSTANCES_PER_PRICE = 100
"""Instances that one InquiryPriceRunInstances prices."""
USER_DATA_BYTES = 16 * 1024
"""Bytes of user data, before base64."""
ACCOUNTS_PER_IMAGE = 500
"""Accounts that an image can be shared with."""
PAGE_SIZE = 100
"""Items in one answer of a listing."""
LAUNCH_TEMPLATE_VERSIONS = 30
"""The newest version that DescribeLaunchTemplateVersions answers unless MaxVersion is given."""
VALUES_PER_FILTER = 5
"""Values that one filter takes."""
ITEMS_PER_LISTING = 100_000
"""More items than this in one listing is not an answer to believe."""

CHANGES_PER_SECOND, READS_PER_SECOND = 10, 20
"""Requests a second for each action and region, unless ``ACTIONS_PER_SECOND`` names the action."""
ACTIONS_PER_SECOND = {"DescribeImages": 40, "DescribeInstances": 40}
