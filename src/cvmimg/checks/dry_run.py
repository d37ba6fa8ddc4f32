"""Check ``dry-run``: the API itself would accept the request."""

from __future__ import annotations

import secrets
from typing import Any

from cvmimg.checks.facts import Facts
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.errors import CloudRefused, CvmimgError, NotFound

ID = "dry-run"


def check(cloud: Cloud, facts: Facts) -> CheckResult:
    """Whether CreateImage with DryRun is accepted.

    Raises:
        CvmimgError: the cloud could not be asked.
    """
    try:
        cvm.dry_run_create_image(cloud, _request(facts))
    except (CloudRefused, NotFound) as error:
        return _refused(error)
    return CheckResult(ID, Status.PASS, "the API accepts the request")


def _request(facts: Facts) -> dict[str, Any]:
    # Without a name of the user's, one that nobody has: the dry run is about all the rest.
    request: dict[str, Any] = {
        "ImageName": facts.request.name or f"cvmimg-check-{secrets.token_hex(6)}"
    }
    if facts.request.snapshot_ids:
        request["SnapshotIds"] = list(facts.request.snapshot_ids)
        return request
    request["InstanceId"] = facts.request.instance_id
    request["ForcePoweroff"] = "true" if facts.request.power == "stop" else "false"
    if facts.chosen_data_disk_ids:
        request["DataDiskIds"] = list(facts.chosen_data_disk_ids)
    return request


def _refused(error: CvmimgError) -> CheckResult:
    request_id = f" (request {error.request_id})" if error.request_id else ""
    return CheckResult(
        ID,
        Status.FAIL,
        f"the API would refuse: {error.code}",
        f"{error.message}{request_id}",
        error.hint or "mend what the API says, then try again",
    )
