"""What names a snapshot as the content of new data disks, beside images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from cvmimg.checks.image_use import launch_template_data
from cvmimg.cloud import autoscaling
from cvmimg.cloud.client import Cloud


def snapshot_users(cloud: Cloud) -> Mapping[str, Sequence[str]]:
    """Return the launch templates and configurations that name a snapshot, by its id.

    Calls DescribeLaunchTemplates, DescribeLaunchTemplateVersions and
    DescribeLaunchConfigurations.

    Raises:
        CvmimgError: they could not be listed.
    """
    configurations = autoscaling.describe_launch_configurations(cloud)
    disks = [(template, data.data_disks) for template, data in launch_template_data(cloud)]
    disks += [(one.launch_configuration_id, one.data_disks) for one in configurations]
    users: dict[str, list[str]] = defaultdict(list)
    for user, data_disks in disks:
        for disk in data_disks:
            if disk.snapshot_id and user not in users[disk.snapshot_id]:
                users[disk.snapshot_id].append(user)
    return users
