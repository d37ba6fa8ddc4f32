from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cvmimg.sandbox.wire import description, validation
from cvmimg.sandbox.wire.errors import ApiError

CVM = description.load("cvm")

IMAGE = {"ImageName": "web", "InstanceId": "ins-web00001"}
MANY = [f"img-{n:08d}" for n in range(101)]


def refusal(action: str, params: dict[str, Any], service: str = "cvm") -> ApiError:
    with pytest.raises(ApiError) as caught:
        validation.request(description.load(service), action, params)
    return caught.value


@pytest.mark.parametrize(
    ("action", "params", "code", "named"),
    [
        ("CreateImage", {}, "MissingParameter", "ImageName"),
        ("CreateImage", {"ImageName": None}, "MissingParameter", "ImageName"),
        ("CreateImage", {**IMAGE, "Wish": 1}, "UnknownParameter", "Wish"),
        ("CreateImage", {**IMAGE, "ImageName": 7}, "InvalidParameter", "ImageName"),
        ("CreateImage", {**IMAGE, "DryRun": "true"}, "InvalidParameter", "DryRun"),
        ("CreateImage", {**IMAGE, "DataDiskIds": "disk-1"}, "InvalidParameter", "DataDiskIds"),
        ("CreateImage", {**IMAGE, "DataDiskIds": [1]}, "InvalidParameter", "DataDiskIds.0"),
        ("DescribeImages", {"Limit": "20"}, "InvalidParameter", "Limit"),
        ("DescribeImages", {"Limit": 2.5}, "InvalidParameter", "Limit"),
        ("DescribeImages", {"Limit": True}, "InvalidParameter", "Limit"),
        ("DescribeImages", {"Offset": -1}, "InvalidParameter", "Offset"),
        ("DescribeImages", {"Filters": [{"Values": []}]}, "MissingParameter", "Filters.0.Name"),
        ("DescribeImages", {"Filters": ["x"]}, "InvalidParameter", "Filters.0"),
        ("RunInstances", {"Placement": {}}, "MissingParameter", "Placement.Zone"),
        ("RunInstances", {"Placement": {"Zone": "z", "Y": 1}}, "UnknownParameter", "Placement.Y"),
        ("RunInstances", {"Placement": "z"}, "InvalidParameter", "Placement"),
    ],
)
def test_parameters_are_checked_against_the_description(
    action: str, params: dict[str, Any], code: str, named: str
) -> None:
    error = refusal(action, params)
    assert error.code == code
    assert f"`{named}`" in error.message
    assert f"`{named}`" in error.message_zh


@pytest.mark.parametrize(
    ("action", "params", "code"),
    [
        ("CreateImage", {**IMAGE, "ImageName": "x" * 61}, "InvalidParameterValue.TooLarge"),
        ("CreateImage", {**IMAGE, "ImageName": ""}, "InvalidParameterValue.TooLarge"),
        ("CreateImage", {**IMAGE, "ImageDescription": "x" * 257}, "InvalidParameterValue.TooLarge"),
        (
            "CreateImage",
            {**IMAGE, "SnapshotIds": ["snap-1"]},
            "InvalidParameter.SpecifyOneParameter",
        ),
        ("CreateImage", {**IMAGE, "ForcePoweroff": "maybe"}, "InvalidParameterValue"),
        (
            "DescribeImages",
            {"ImageIds": ["img-webv1000"], "Filters": []},
            "InvalidParameter.InvalidParameterCoexistImageIdsFilters",
        ),
        ("DescribeImages", {"Limit": 101}, "InvalidParameterValue.InvalidParameterValueLimit"),
        ("DescribeImages", {"Limit": 0}, "InvalidParameterValue.InvalidParameterValueLimit"),
        ("DescribeImages", {"ImageIds": MANY}, "InvalidParameterValue.LimitExceeded"),
        ("DescribeImages", {"ImageIds": ["img-x"]}, "InvalidImageId.Malformed"),
        (
            "DescribeImages",
            {"Filters": [{"Name": "image-id", "Values": MANY[:6]}]},
            "InvalidFilterValue.LimitExceeded",
        ),
        ("RunInstances", {"InstanceCount": 0}, "InvalidParameterValue.Range"),
        ("RunInstances", {"InstanceCount": 501}, "InvalidParameterValue.Range"),
        ("RunInstances", {"ClientToken": "t" * 65}, "InvalidClientToken.TooLong"),
        (
            "StopInstances",
            {"InstanceIds": ["ins-web00001"], "StopType": "SOFT", "ForceStop": True},
            "InvalidParameterCombination",
        ),
        ("StopInstances", {"InstanceIds": []}, "MissingParameter"),
        (
            "SyncImages",
            {"ImageIds": MANY[:2], "DestinationRegions": ["x"]},
            "InvalidImageId.TooLarge",
        ),
    ],
)
def test_violated_limits_have_the_actions_code(
    action: str, params: dict[str, Any], code: str
) -> None:
    assert refusal(action, params).code == code


def test_duplicate_tag_keys_are_refused() -> None:
    tags = [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "a", "TagValue": "2"}]
    params = {"ResourceList": ["qcs::cvm:::image/img-webv1000"], "Tags": tags}
    code = "InvalidParameterValue.TagKeyDuplicate"
    assert refusal("TagResources", params, "tag").code == code


def test_null_counts_as_absent() -> None:
    assert validation.request(CVM, "CreateImage", {**IMAGE, "DryRun": None}) == IMAGE


def test_flattened_names_become_lists_and_objects() -> None:
    fields = {
        "Filters.0.Name": "image-name",
        "Filters.0.Values.1": "b",
        "Filters.0.Values.0": "a",
        "Limit": "5",
    }
    assert validation.unflatten(CVM, "DescribeImages", fields) == {
        "Filters": [{"Name": "image-name", "Values": ["a", "b"]}],
        "Limit": 5,
    }


def test_flattened_values_get_their_types() -> None:
    fields = {"InstanceIds.0": "ins-web00001", "ForceStop": "True"}
    assert validation.unflatten(CVM, "StopInstances", fields)["ForceStop"] is True
    fields = {"Placement.Zone": "ap-guangzhou-3", "InstanceCount": "3"}
    assert validation.unflatten(CVM, "RunInstances", fields) == {
        "Placement": {"Zone": "ap-guangzhou-3"},
        "InstanceCount": 3,
    }


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Limit": "many"}, "InvalidParameter"),
        ({"Filters": "x"}, "InvalidParameter"),
        ({"Filters.x.Name": "x"}, "InvalidParameter"),
        ({"ImageIds.0.x": "x"}, "InvalidParameter"),
        ({"Limit": "1", "Limit.0": "1"}, "InvalidParameter"),
        ({"Wish.0": "1"}, "UnknownParameter"),
        ({"": "1"}, "UnknownParameter"),
    ],
)
def test_contradictory_flattened_names_are_refused(fields: dict[str, str], code: str) -> None:
    with pytest.raises(ApiError) as caught:
        validation.request(
            CVM, "DescribeImages", validation.unflatten(CVM, "DescribeImages", fields)
        )
    assert caught.value.code == code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
NAMES = st.sampled_from([name for shape in CVM.actions.values() for name in shape])


def outcome(action: str, params: dict[str, Any]) -> str:
    try:
        known = validation.request(CVM, action, params)
    except ApiError as error:
        return error.code
    return "ok" if set(known) <= set(params) else "something new"


ORDINARY = re.compile(r"ok|Missing|Unknown|Invalid")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(CVM.actions)), st.dictionaries(NAMES, JSON, max_size=4))
def test_any_parameters_are_accepted_or_refused(action: str, params: dict[str, Any]) -> None:
    assert ORDINARY.match(outcome(action, params))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(CVM.actions)),
    st.dictionaries(NAMES.flatmap(lambda n: st.just(n) | st.just(f"{n}.0")), st.text(max_size=5)),
)
def test_any_fields_are_accepted_or_refused(action: str, fields: dict[str, str]) -> None:
    try:
        params = validation.unflatten(CVM, action, fields)
    except ApiError:
        return
    assert ORDINARY.match(outcome(action, params))
