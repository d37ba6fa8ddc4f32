"""Cloud Custodian's provider for Tencent Cloud runs a dozen policies."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.interop.served import Served
from tests.support.tccli import ROOT

pytestmark = [pytest.mark.interop, pytest.mark.client("Cloud Custodian")]

POLICIES = Path(__file__).parent / "custodian.yml"


def binary() -> Path:
    """Return the command: CVMIMG_CUSTODIAN, else that of .venv-custodian."""
    found = Path(os.environ.get("CVMIMG_CUSTODIAN", ROOT / ".venv-custodian" / "bin" / "custodian"))
    if not found.exists():
        pytest.skip("Cloud Custodian is not installed: make peers")
    return found


def test_every_policy_finds_and_changes_what_it_should(served: Served) -> None:
    out = served.home / "out"
    command = [binary(), "run", "--region", "ap-guangzhou", "--cache-period", "0", "-s", out]
    printed = served.run([*command, POLICIES])
    found = {
        folder.name: json.loads((folder / "resources.json").read_text()) for folder in out.iterdir()
    }
    assert {name: len(resources) for name, resources in found.items()} == EXPECTED, printed
    assert ids(found["tagged-disks"], "InstanceId") == ["ins-web00001"]
    assert ids(found["unused-images"], "ImageId") == ["img-webv1000"]
    tags = {
        each["Id"]: {tag["Key"] for tag in each["Tags"]}
        for each in served.sandbox.export()["documents"]
        if each["Kind"] == "instance"
    }
    assert {"owner", "team", "stage"} & tags["ins-web00001"] == {"owner"}
    assert "maid_status" in tags["ins-nofl0001"]
    called = {"StopInstances", "StartInstances", "TerminateInstances", "GetMonitorData"}
    assert called <= served.actions()


EXPECTED = {
    "running": 9,
    "stop-old": 1,
    "tag-web": 1,
    "tagged": 1,
    "renamed": 1,
    "mark-idle": 1,
    "started-stopped": 1,
    "terminated": 1,
    "unused-images": 1,
    "old-images": 2,
    "unencrypted-disks": 12,
    "copied-tags": 1,
    "tagged-disks": 1,
    "old-snapshots": 2,
}


def ids(resources: list[dict[str, Any]], key: str) -> list[str]:
    return sorted(resource[key] for resource in resources)
