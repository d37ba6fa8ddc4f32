"""The shapes of ids: those that Tencent Cloud gives to resources, and that of an operation."""

from __future__ import annotations

import re

IMAGE_ID = r"img-[0-9a-z]{8}"
INSTANCE_ID = r"ins-[0-9a-z]{8}"
SNAPSHOT_ID = r"snap-[0-9a-z]{8}"
DISK_ID = r"disk-[0-9a-z]{8}"
KEY_ID = r"skey-[0-9a-z]{8}"
VPC_ID = r"vpc-[0-9a-z]{8}"
SUBNET_ID = r"subnet-[0-9a-z]{8}"
SECURITY_GROUP_ID = r"sg-[0-9a-z]{8}"
TEMPLATE_ID = r"lt-[0-9a-z]{8}"
REGION = r"[a-z]{2,3}(-[a-z0-9]+)+"
ZONE = rf"{REGION}-\d+"
REGIONS = (
    "ap-guangzhou",
    "ap-shanghai",
    "ap-nanjing",
    "ap-beijing",
    "ap-chengdu",
    "ap-chongqing",
    "ap-hongkong",
    "ap-taipei",
    "ap-singapore",
    "ap-jakarta",
    "ap-bangkok",
    "ap-seoul",
    "ap-tokyo",
    "ap-mumbai",
    "na-siliconvalley",
    "na-ashburn",
    "sa-saopaulo",
    "eu-frankfurt",
)
"""Regions to suggest and to complete; the service itself decides which exist (DescribeRegions)."""
ACCOUNT_ID = r"\d{5,20}"
"""The UIN of an account."""
OPERATION_ID = r"[a-z0-9][a-z0-9-]{2,62}"
"""An operation of this tool; part of the names of files, tags and backups."""


def is_id(pattern: str, text: str) -> bool:
    """Return whether the whole of ``text`` has the shape ``pattern``."""
    return re.fullmatch(pattern, text) is not None
