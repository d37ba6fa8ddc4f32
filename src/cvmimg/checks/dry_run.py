"""Check ``dry-run``: the API itself would accept the request."""

from __future__ import annotations

import secrets
from typing import Any

from cvmimg.checks.facts import CheckRequest, Facts
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Instance
from cvmimg.errors import CloudRefused, CvmimgError, NotFound

ID = "dry-run"


def refusal_of(
    cloud: Cloud, request: CheckRequest, instance: Instance | None
) -> CvmimgError | None:
    """Why the API would refuse to make the image, or None (CreateImage with DryRun).

    Args:
        cloud: where to ask.
        request: the image that is wanted.
        instance: its source; None if it is made from snapshots.

    Raises:
        CvmimgError: the cloud could not be asked.
    """
    try:
        cvm.dry_run_create_image(cloud, _api_request(request, instance))
    except (CloudRefused, NotFound) as error:
        return error
    return None


def check(facts: Facts) -> CheckResult:
    """Whether CreateImage with DryRun was accepted."""
    error = facts.refusal
    if error is None:
        return CheckResult(ID, Status.PASS, "the API accepts the request")
    request_id = f" (request {error.request_id})" if error.request_id else ""
    return CheckResult(
        ID,
        Status.FAIL,
        f"the API would refuse: {error.code}",
        f"{error.message}{request_id}",
        error.hint or "mend what the API says, then try again",
    )


def _api_request(wanted: CheckRequest, instance: Instance | None) -> dict[str, Any]:
    # Without a name of the user's, one that nobody has: the dry run is about all the rest.
    request: dict[str, Any] = {"ImageName": wanted.name or f"cvmimg-check-{secrets.token_hex(6)}"}
    if wanted.snapshot_ids:
        return {**request, "SnapshotIds": list(wanted.snapshot_ids)}
    request["InstanceId"] = wanted.instance_id
    request["ForcePoweroff"] = "true" if wanted.power == "stop" else "false"
    data_disk_ids = wanted.data_disks_in(instance)
    if data_disk_ids:
        request["DataDiskIds"] = list(data_disk_ids)
    return request
