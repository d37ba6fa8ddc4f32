"""Invariants that hold after any sequence of actions."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sandbox.cloud import NEIGHBOUR, Cloud

INSTANCES = ("ins-web00001", "ins-data0001", "ins-stop0001", "ins-old00001")
IMAGES = ("img-webv1000", "img-basev001")
NAMES = ("a", "b", "web-v1")

one_instance = st.sampled_from(INSTANCES).map(lambda each: {"InstanceIds": [each]})
one_image = st.sampled_from(IMAGES).map(lambda each: {"ImageIds": [each]})


def create(fields: tuple[str, str, str]) -> dict[str, Any]:
    return dict(zip(("InstanceId", "ImageName", "ForcePoweroff"), fields, strict=True))


STEPS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "CreateImage": st.tuples(
        st.sampled_from(INSTANCES), st.sampled_from(NAMES), st.sampled_from(("true", "false"))
    ).map(create),
    "StartInstances": one_instance,
    "StopInstances": one_instance,
    "RebootInstances": one_instance,
    "TerminateInstances": one_instance,
    "DeleteImages": st.tuples(one_image, st.booleans()).map(
        lambda each: {**each[0], "DeleteBindedSnap": each[1]}
    ),
    "ModifyImageAttribute": st.tuples(st.sampled_from(IMAGES), st.sampled_from(NAMES)).map(
        lambda each: {"ImageId": each[0], "ImageName": each[1]}
    ),
    "ModifyImageSharePermission": st.tuples(
        st.sampled_from(IMAGES), st.sampled_from(("SHARE", "CANCEL"))
    ).map(lambda each: {"ImageId": each[0], "Permission": each[1], "AccountIds": [NEIGHBOUR]}),
    "SyncImages": one_image.map(lambda each: {**each, "DestinationRegions": ["ap-beijing"]}),
    "RunInstances": st.sampled_from(IMAGES).map(
        lambda each: {"ImageId": each, "Placement": {"Zone": "ap-guangzhou-7"}}
    ),
    "wait": st.sampled_from((1.0, 10.0, 60.0, 1000.0)).map(lambda each: {"seconds": each}),
}
steps = st.lists(
    st.sampled_from(sorted(STEPS)).flatmap(
        lambda action: STEPS[action].map(lambda params: (action, params))
    ),
    min_size=10,
    max_size=40,
)


@settings(max_examples=15, deadline=None)
@given(steps)
def test_invariants_hold_after_every_step(history: list[tuple[str, dict[str, Any]]]) -> None:
    cloud = Cloud()
    with cloud.sandbox:
        for action, params in history:
            if action == "wait":
                cloud.wait(params["seconds"])
            else:
                assert cloud.refusal(action, **params) != "InternalError"
            check(cloud)


def check(cloud: Cloud) -> None:
    private = {"Filters": [{"Name": "image-type", "Values": ["PRIVATE_IMAGE"]}], "Limit": 100}
    images = cloud.do("DescribeImages", **private)["ImageSet"]
    names = Counter(image["ImageName"] for image in images)
    assert max(names.values(), default=0) <= 1, "names are unique"
    assert len(images) <= cloud.do("DescribeImageQuota")["ImageNumQuota"]
    snapshots = cloud.cbs("DescribeSnapshots", Limit=100)["SnapshotSet"]
    used = {(s["SnapshotId"], i["ImageId"]) for s in snapshots for i in s["Images"]}
    for image in images:
        for held in image["SnapshotSet"]:
            assert (held["SnapshotId"], image["ImageId"]) in used, "an image keeps its snapshots"
    instances = cloud.do("DescribeInstances", Limit=100)["InstanceSet"]
    addresses = Counter(each["PrivateIpAddresses"][0] for each in instances)
    assert max(addresses.values()) == 1, "addresses are unique"
