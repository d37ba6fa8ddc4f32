"""Find an instance by what the user calls it: an id or an exact name."""

from __future__ import annotations

from collections.abc import Sequence

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.ids import INSTANCE_ID, is_id
from cvmimg.cloud.models import Image, Instance
from cvmimg.cloud.own_tags import SOURCE_TAG
from cvmimg.errors import NotFound, UsageError
from cvmimg.message import Message
from cvmimg.suggest import did_you_mean
from cvmimg.workflows.similar_ids import suggesting_ids


def find_instance(cloud: Cloud, reference: str) -> Instance:
    """Return the one instance that ``reference`` means in the cloud's region.

    Calls DescribeInstances.

    Args:
        cloud: where to look.
        reference: an id (ins-…) or an exact name.

    Raises:
        NotFound: there is no such instance.
        UsageError: several instances have the name; the message lists them.
    """
    if is_id(INSTANCE_ID, reference):
        with suggesting_ids(cloud):
            return cvm.describe_instance(cloud, reference)
    return _by_name(cloud, reference)


def find_instances(cloud: Cloud, references: Sequence[str]) -> list[Instance]:
    """Return the instances that ``references`` mean, each once; ids are looked up together.

    Raises:
        NotFound: there is no such instance.
        UsageError: several instances have a name; the message lists them.
    """
    ids = [each for each in dict.fromkeys(references) if is_id(INSTANCE_ID, each)]
    known = {one.instance_id: one for one in cvm.describe_instances_by_id(cloud, ids)}
    found = [known.get(each) or find_instance(cloud, each) for each in dict.fromkeys(references)]
    return list({one.instance_id: one for one in found}.values())


def find_instance_id(cloud: Cloud, reference: str) -> str:
    """Return the id of the instance that ``reference`` means; an id is not looked up.

    Raises:
        NotFound: no instance has the name.
        UsageError: several instances have the name; the message lists them.
    """
    if is_id(INSTANCE_ID, reference):
        return reference
    return _by_name(cloud, reference).instance_id


def _by_name(cloud: Cloud, name: str) -> Instance:
    found = cvm.describe_instances(cloud, instance_name=name)
    exact = [one for one in found if one.instance_name == name]
    if len(exact) == 1:
        return exact[0]
    if exact:
        candidates = [f"{one.instance_id} ({one.instance_state})" for one in exact]
        raise UsageError(
            Message("AmbiguousInstance", name=name, region=cloud.region, candidates=candidates)
        )
    raise NotFound(
        Message("InstanceNameNotFound", name=name, region=cloud.region),
        hint=did_you_mean(
            name, lambda: [one.instance_name for one in cvm.describe_instances(cloud)]
        ),
    )


def find_source(cloud: Cloud, image: Image) -> Instance | None:
    """Return the instance that an image was created from, if it still exists."""
    source_id = image.tag_map.get(SOURCE_TAG, "")
    try:
        return cvm.describe_instance(cloud, source_id) if source_id else None
    except NotFound:
        return None
