"""tag: tags of resources, by six-part resource name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from cvmimg.sandbox.services import resource_tags
from cvmimg.sandbox.state import kinds
from cvmimg.sandbox.state.documents import is_listed
from cvmimg.sandbox.state.kinds import ApiObject, Document, Kind
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal
from cvmimg.sandbox.world import regions

_NAME = re.compile(
    r"qcs:(?:id/)?\d*:(?P<service>\w+):(?P<region>[\w-]*):(?:uin/)?(?P<account>\d*)"
    r":(?P<prefix>[\w-]+)/(?P<id>[\w-]+)",
    re.ASCII,
)
"""A six-part name; the account may be empty, which means the caller's."""

_KINDS: Mapping[tuple[str, str], Kind[Any]] = {
    ("cvm", "image"): kinds.IMAGE,
    ("cvm", "instance"): kinds.INSTANCE,
    ("cvm", "volume"): kinds.DISK,
    ("cvm", "snapshot"): kinds.SNAPSHOT,
    ("cvm", "keypair"): kinds.KEY_PAIR,
    ("cvm", "sg"): kinds.SECURITY_GROUP,
    ("vpc", "vpc"): kinds.VPC,
    ("vpc", "subnet"): kinds.SUBNET,
    ("as", "launch-configuration"): kinds.LAUNCH_CONFIGURATION,
    ("as", "auto-scaling-group"): kinds.SCALING_GROUP,
    ("cbs", "volume"): kinds.DISK,
    ("cbs", "instance"): kinds.DISK,
    ("cbs", "snapshot"): kinds.SNAPSHOT,
}
"""Kinds of taggable documents, by service and resource prefix of their names."""
_NAMES: Mapping[str, tuple[str, str]] = {
    kind: name for name, kind in reversed(list(_KINDS.items()))
}
"""The name that a kind has in answers: the first one above."""

_RESERVED = ("qcs:", "project")
_LONGEST_VALUE = 255
_IN_VALUES = frozenset(" +-=._:/@()[],;><【】")
"""The characters of a tag's value beside letters and digits; spaces only between others."""
_DEFAULT_RESULTS = 50
_DEFAULT_TAGS = 15

Tags = dict[str, str]


@action("tag", "TagResources", writes=True)
def tag_resources(call: Call) -> Answer:
    """Add tags to resources; an existing key gets the new value."""
    given = _given(call.params["Tags"])
    return _change(call, lambda tags: {**tags, **given})


@action("tag", "UnTagResources", writes=True)
def untag_resources(call: Call) -> Answer:
    """Remove tags from resources."""
    keys = set(call.params["TagKeys"])
    return _change(call, lambda tags: {k: v for k, v in tags.items() if k not in keys})


@action("tag", "GetResources")
def get_resources(call: Call) -> Answer:
    """List tagged resources of all regions with their tags."""
    names = call.params.get("ResourceList")
    wanted = None if names is None else {_parse(name)["id"] for name in names}
    found = [
        {"Resource": _name(document), "Tags": _to_response(tags)}
        for document in _tagged(call)
        if wanted is None or document["Id"] in wanted
        if _matches(tags := _tags(call, document), call.params.get("TagFilters", ()))
    ]
    if wanted is not None:
        return {"PaginationToken": "", "ResourceTagMappingList": found}
    start = _offset(call.params.get("PaginationToken", ""))
    end = start + call.params.get("MaxResults", _DEFAULT_RESULTS)
    return {
        "PaginationToken": str(end) if end < len(found) else "",
        "ResourceTagMappingList": found[start:end],
    }


@action("tag", "ModifyResourceTags", writes=True)
def modify_resource_tags(call: Call) -> Answer:
    """Replace and remove tags of one resource."""
    given = _given(call.params.get("ReplaceTags", []))
    removed = {tag["TagKey"] for tag in call.params.get("DeleteTags", [])}
    if removed & set(given):
        raise refusal("InvalidParameterValue.DeleteTagsParamError")
    name = call.params["Resource"]

    def change(tags: Tags) -> Tags:
        return {k: v for k, v in {**tags, **given}.items() if k not in removed}

    code = _change_one(call, _parse(name), change)
    if code:
        raise refusal(code, "tags.modify-resource-tags", name=name)
    return {}


@action("tag", "DescribeResourceTagsByResourceIds")
def describe_resource_tags_by_resource_ids(call: Call) -> Answer:
    """List the tags of resources of one type and region."""
    params = call.params
    kind = _KINDS.get((params["ServiceType"], params["ResourcePrefix"]))
    if kind is None:
        raise refusal("InvalidParameterValue.ResourcePrefixInvalid")
    found = [
        _tag_of_resource(params["ServiceType"], identifier, key, value)
        for identifier in dict.fromkeys(params["ResourceIds"])
        for key, value in _tags_of(call, kind, identifier).items()
    ]
    offset, limit = params.get("Offset", 0), params.get("Limit", _DEFAULT_TAGS)
    page = found[offset : offset + limit]
    return {"TotalCount": len(found), "Offset": offset, "Limit": limit, "Tags": page}


def _tags_of(call: Call, kind: Kind[Any], identifier: str) -> Tags:
    document = call.store.get(kind, identifier)
    place = (call.account, call.params["ResourceRegion"])
    if document is None or (document["Account"], document["Region"]) != place:
        return {}
    return _tags(call, document) if is_listed(document, call.now) else {}


def _tag_of_resource(service: str, identifier: str, key: str, value: str) -> dict[str, str]:
    return {
        "TagKey": key,
        "TagValue": value,
        "ResourceId": identifier,
        "TagKeyMd5": _md5(key),
        "TagValueMd5": _md5(value),
        "ServiceType": service,
        "Category": "All",
    }


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _change(call: Call, change: Callable[[Tags], Tags]) -> Answer:
    """Replace the tags of each resource by ``change`` of its current tags."""
    names = {name: _parse(name) for name in call.params["ResourceList"]}
    failures = [(name, _change_one(call, parts, change)) for name, parts in names.items()]
    return {
        "FailedResources": [
            {"Resource": name, "Code": code, "Message": "The tags could not be changed."}
            for name, code in failures
            if code
        ]
    }


def _change_one(call: Call, parts: re.Match[str], change: Callable[[Tags], Tags]) -> str:
    """Change the tags of one resource; return the error code, or ""."""
    if call.failed_resources:
        return call.failed_resources
    document = _find(call, parts)
    if document is None:
        return "ResourceNotFound"
    tags = change({tag["Key"]: tag["Value"] for tag in document.get("Tags") or ()})
    if len(tags) > call.settings.tags_per_resource:
        return "LimitExceeded.ResourceAttachedTags"
    call.store.put({**document, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]})
    return ""


def _parse(name: str) -> re.Match[str]:
    parts = _NAME.fullmatch(name)
    if parts is None or (parts["service"], parts["prefix"]) not in _KINDS:
        raise refusal("InvalidParameterValue.ResourceDescriptionError", name=name)
    return parts


def _find(call: Call, parts: re.Match[str]) -> Document | None:
    document = call.store.get(_KINDS[parts["service"], parts["prefix"]], parts["id"])
    if document is None or not is_listed(document, call.now):
        return None
    named = (parts["account"] or call.account, parts["region"])
    found = (document["Account"], document["Region"])
    return document if found == named and document["Account"] == call.account else None


def _tagged(call: Call) -> Iterator[Document]:
    for region in regions.IDS:
        for kind in resource_tags.KINDS:
            for document in call.store.page(kind, call.account, region, call.now):
                if _tags(call, document):
                    yield document


def _name(document: Document) -> str:
    service, prefix = _NAMES[document["Kind"]]
    account, region = document["Account"], document["Region"]
    return f"qcs::{service}:{region}:uin/{account}:{prefix}/{document['Id']}"


def _tags(call: Call, document: Document) -> Tags:
    return {tag["Key"]: tag["Value"] for tag in resource_tags.of(document, call.now)}


def _to_response(tags: Tags) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]


def _matches(tags: Tags, filters: Any) -> bool:
    return all(_has(tags, each) for each in filters)


def _has(tags: Tags, wanted: ApiObject) -> bool:
    values = wanted.get("TagValue")
    return wanted["TagKey"] in tags and (not values or tags[wanted["TagKey"]] in values)


def _offset(token: str) -> int:
    if token and not (token.isascii() and token.isdigit()):
        raise refusal("InvalidParameter.PaginationTokenInvalid")
    return int(token or 0)


def _given(tags: Iterable[ApiObject]) -> Tags:
    """Return tags of the request, which have to be valid."""
    given = {tag["TagKey"]: tag["TagValue"] for tag in tags}
    for key, value in given.items():
        _check_key(key)
        _check_value(value)
    return given


def _check_key(key: str) -> None:
    if not key:
        raise refusal("InvalidParameterValue.TagKeyEmpty")
    if key.startswith(_RESERVED):
        raise refusal("InvalidParameter.ReservedTagKey", key=key)


def _check_value(value: str) -> None:
    if len(value) > _LONGEST_VALUE:
        raise refusal("InvalidParameterValue.TagValueLengthExceeded", longest_value=_LONGEST_VALUE)
    if value != value.strip() or not all(c.isalnum() or c in _IN_VALUES for c in value):
        raise refusal("InvalidParameterValue.TagValueCharacterIllegal", value=value)
