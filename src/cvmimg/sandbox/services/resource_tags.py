"""Tags of resources: on creation, in answers and in filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cvmimg.sandbox.state import kinds
from cvmimg.sandbox.state.kinds import ApiObject, Document, Kind, Tags
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import refusal
from cvmimg.sandbox.world import regions

KINDS: Sequence[Kind[Any]] = (
    kinds.IMAGE,
    kinds.INSTANCE,
    kinds.DISK,
    kinds.SNAPSHOT,
    kinds.KEY_PAIR,
    kinds.SECURITY_GROUP,
    kinds.VPC,
    kinds.SUBNET,
    kinds.LAUNCH_CONFIGURATION,
    kinds.SCALING_GROUP,
)
"""Kinds of documents that have tags."""


def of(document: Document, now: float) -> list[dict[str, str]]:
    """Return the tags (Key and Value) that a resource shows ``now``."""
    return document.get("Tags") or [] if document.get("TagsListed", 0) <= now else []


def on_creation(call: Call, tags: Iterable[Mapping[str, str]]) -> Tags:
    """Return the tags of a new resource, as members of its document."""
    return {
        "Tags": [{"Key": tag["Key"], "Value": tag["Value"]} for tag in tags],
        "TagsListed": call.now + call.settings.tag_delay,
    }


def specified(params: ApiObject, resource_type: str) -> list[Mapping[str, str]]:
    """Return the tags that a request's TagSpecification has for resources of a type."""
    return [
        tag
        for specification in params.get("TagSpecification", [])
        if specification["ResourceType"] == resource_type
        for tag in specification["Tags"]
    ]


def check_specification(call: Call, params: ApiObject) -> None:
    """Refuse invalid tags in a TagSpecification.

    Raises:
        ApiError: InvalidParameterValue.TagQuotaLimitExceeded or .TagKeyNotFound.
    """
    for specification in params.get("TagSpecification", []):
        keys = [tag["Key"] for tag in specification["Tags"]]
        if len(keys) > call.settings.tags_per_resource:
            raise refusal("InvalidParameterValue.TagQuotaLimitExceeded")
        if call.settings.new_tag_keys == "refuse":
            refuse_unknown_keys(call, keys)


def refuse_unknown_keys(call: Call, keys: Sequence[str]) -> None:
    """Refuse tag keys that no resource of the account has.

    Raises:
        ApiError: InvalidParameterValue.TagKeyNotFound.
    """
    known = {
        tag["Key"]
        for region in regions.IDS
        for kind in KINDS
        for document in call.store.all(kind, call.account, region)
        for tag in document.get("Tags") or ()
    }
    for key in keys:
        if key not in known:
            raise refusal("InvalidParameterValue.TagKeyNotFound", key=key)


def to_response(document: Document, now: float) -> list[dict[str, str]]:
    """Return the tags of an image or an instance, spelled twice as cvm does."""
    return [
        {"Key": key, "Value": value, "tagKey": key, "tagValue": value}
        for key, value in ((tag["Key"], tag["Value"]) for tag in of(document, now))
    ]
