"""Scaling groups' launch configurations (as 2018-04-19)."""

from __future__ import annotations

from cvmimg.cloud.answers import read_pages
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import LaunchConfiguration


def describe_launch_configurations(cloud: Cloud) -> list[LaunchConfiguration]:
    """List the launch configurations of the region (DescribeLaunchConfigurations)."""
    return read_pages(
        cloud,
        "as",
        "DescribeLaunchConfigurations",
        {},
        "LaunchConfigurationSet",
        LaunchConfiguration,
    )
