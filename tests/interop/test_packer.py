"""Packer's builder for Tencent Cloud, as Debian ships it, builds, shares and copies an image."""

from __future__ import annotations

import json
import re
import shutil
import time

import pytest

from cvmimg.sandbox import NEIGHBOUR
from tests.interop.served import Served
from tests.support.tc3 import Client

pytestmark = [pytest.mark.interop, pytest.mark.client("Packer")]

TEMPLATE = {
    "builders": [
        {
            "type": "tencentcloud-cvm",
            "region": "ap-guangzhou",
            "zone": "ap-guangzhou-3",
            "instance_type": "S5.MEDIUM4",
            "source_image_id": "img-webv1000",
            "disk_type": "CLOUD_PREMIUM",
            "communicator": "none",
            "image_name": "packer-built",
            "image_copy_regions": ["ap-beijing"],
            "image_share_accounts": [NEIGHBOUR],
        }
    ]
}


def test_it_builds_shares_and_copies_an_image(served: Served) -> None:
    packer = shutil.which("packer")
    if packer is None:
        pytest.skip("packer is not installed: apt-get install packer")
    (served.home / "template.json").write_text(json.dumps(TEMPLATE))
    told = served.run([packer, "build", "-color=false", "template.json"], CHECKPOINT_DISABLE="1")
    made = dict(re.findall(r"(ap-[a-z]+): (img-[a-z0-9]+)", told))
    assert set(made) == {"ap-guangzhou", "ap-beijing"}, told
    for region, image_id in made.items():
        (image,) = describe(served, region, image_id)
        assert (image["ImageName"], image["ImageState"]) == ("packer-built", "NORMAL")
    with served.sandbox.store.transaction(write=False) as view:
        shares = view.children("share", made["ap-guangzhou"])
        left = [view.page(kind, *PLACE, 1e17) for kind in ("vpc", "subnet", "key-pair")]
    assert [share["Account"] for share in shares] == [NEIGHBOUR]
    assert left == [[], [], []], "it deletes what it has created"


PLACE = ("100000000001", "ap-guangzhou")


def describe(served: Served, region: str, image_id: str) -> list[dict[str, str]]:
    credentials = served.sandbox.credentials()
    client = Client(served.sandbox.handle, *credentials, now=time.time(), region=region)
    found: list[dict[str, str]] = client.call("cvm", "DescribeImages", ImageIds=[image_id])[
        "ImageSet"
    ]
    return found
