from __future__ import annotations

from typing import Any

from tests.sandbox.cloud import OWNER, Cloud

NAME = f"qcs::cvm:ap-guangzhou:uin/{OWNER}:instance/ins-web00001"
ASKED = {
    "ServiceType": "cvm",
    "ResourcePrefix": "instance",
    "ResourceIds": ["ins-web00001", "ins-none0001"],
    "ResourceRegion": "ap-guangzhou",
}


def tags(cloud: Cloud, **more: Any) -> dict[str, str]:
    answer = cloud.ask("DescribeResourceTagsByResourceIds", {**ASKED, **more}, service="tag")
    return {tag["TagKey"]: tag["TagValue"] for tag in answer["Tags"]}


def modify(cloud: Cloud, **params: Any) -> str:
    return cloud.refusal("ModifyResourceTags", service="tag", **{"Resource": NAME, **params})


def test_tags_are_read_by_resource_ids(cloud: Cloud) -> None:
    assert tags(cloud) == {"team": "shop", "env": "production"}
    assert tags(cloud, Limit=1, Offset=1) == {"env": "production"}
    assert tags(cloud, ResourceRegion="ap-beijing") == {}
    refused = cloud.refusal(
        "DescribeResourceTagsByResourceIds", service="tag", **{**ASKED, "ResourcePrefix": "wish"}
    )
    assert refused == "InvalidParameterValue.ResourcePrefixInvalid"


def test_tags_are_replaced_and_removed_at_once(cloud: Cloud) -> None:
    new = [{"TagKey": "env", "TagValue": "test"}]
    assert modify(cloud, ReplaceTags=new, DeleteTags=[{"TagKey": "team"}]) == "ok"
    assert tags(cloud) == {"env": "test"}
    code = "InvalidParameterValue.DeleteTagsParamError"
    assert modify(cloud, ReplaceTags=new, DeleteTags=[{"TagKey": "env"}]) == code
    missing = NAME.replace("ins-web00001", "ins-none0001")
    assert modify(cloud, Resource=missing, ReplaceTags=new) == "ResourceNotFound"


def test_a_value_has_up_to_255_characters_of_those_that_tags_allow(cloud: Cloud) -> None:
    values = {
        "op-1/stop/a:b@c+d=e_f.g": "ok",
        "v" * 255: "ok",
        "v" * 256: "InvalidParameterValue.TagValueLengthExceeded",
        "a?b": "InvalidParameterValue.TagValueCharacterIllegal",
        "a%20b": "InvalidParameterValue.TagValueCharacterIllegal",
        " a": "InvalidParameterValue.TagValueCharacterIllegal",
    }
    for value, code in values.items():
        assert modify(cloud, ReplaceTags=[{"TagKey": "team", "TagValue": value}]) == code
