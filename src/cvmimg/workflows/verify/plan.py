"""Decide which instance an image is verified with: small, private, terminated automatically."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import Any

from cvmimg.cloud import cvm
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.models import Image, InstanceTypeOffer
from cvmimg.cloud.own_tags import PROBE_TAG
from cvmimg.errors import PreconditionFailed
from cvmimg.message import Message
from cvmimg.workflows.find_instance import find_instance, find_source
from cvmimg.workflows.if_permitted import if_permitted
from cvmimg.workflows.launch.data_disks import complete, image_disks
from cvmimg.workflows.launch.disks import CLOUD_DISK, NewDisk
from cvmimg.workflows.launch.feasibility import require_offered
from cvmimg.workflows.launch.request import LaunchRequest
from cvmimg.workflows.launch.run_request import run_request
from cvmimg.workflows.launch.settings import LaunchSettings, settings_of
from cvmimg.workflows.moments import as_tag
from cvmimg.workflows.verify.request import VerifyRequest

_ON_DEMAND = "POSTPAID_BY_HOUR"
_MARGIN = 45 * 60.0
"""Seconds that the instance may live after the time for its boot, until the cloud ends it."""
_WINDOWS_GIB = 2
_MOST_TYPES = 10


PROBE_NAME = "cvmimg-verify-"
"""How the names of probe instances begin."""


@dataclass(frozen=True)
class ProbePlan:
    """The instance that an image is verified with.

    Attributes:
        run: RunInstances' parameters.
        alternatives: pairs of zone and type for when the type is sold out, the smallest first;
            none where the user or the account's permissions leave no choice.
    """

    run: dict[str, Any]
    alternatives: tuple[tuple[str, str], ...] = ()

    @property
    def zone(self) -> str:
        """The zone."""
        return str(self.run["Placement"]["Zone"])

    @property
    def type(self) -> str:
        """The instance type."""
        return str(self.run["InstanceType"])

    @property
    def ends(self) -> str:
        """When the cloud terminates the instance, if nothing else does."""
        return str(self.run["ActionTimer"]["ActionTime"])

    def as_json(self) -> dict[str, Any]:
        """Return the plan for the journal."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> ProbePlan:
        """Read what ``as_json`` returned."""
        pairs = ((zone, kind) for zone, kind in fields.get("alternatives", ()))
        return cls(dict(fields["run"]), tuple(pairs))


def plan_probe(cloud: Cloud, image: Image, request: VerifyRequest, operation_id: str) -> ProbePlan:
    """Plan the probe instance; nothing is started.

    It has no public address, keeps the image's logins, has the image's data disks alone, and is
    terminated by the cloud (ActionTimer) if everything else fails. Calls DescribeInstances,
    DescribeSnapshots and DescribeZoneInstanceConfigInfos.

    Raises:
        NotFound: the instance of ``--like`` does not exist.
        PreconditionFailed: no type is offered that the image supports.
    """
    model = find_instance(cloud, request.like) if request.like else find_source(cloud, image)
    place = settings_of(model, ()) if model else LaunchSettings()
    choices = _choices(cloud, image, request, place)
    if not choices:
        raise _no_type(image, place.zone or cloud.region)
    (zone, instance_type), *alternatives = choices
    settings = LaunchSettings(
        zone=zone,
        type=instance_type,
        vpc=place.vpc,
        subnet=place.subnet,
        security_groups=place.security_groups,
        project_id=place.project_id,
        name=f"{PROBE_NAME}{uuid.uuid4().hex[:12]}",
        keep_login=image.image_type != cvm.PUBLIC or None,
        system_disk=_system_disk(place, image),
        data_disks=complete(cloud, (), (), image_disks(cloud, image)),
        public_ip_bandwidth=0,
        charge_type=_ON_DEMAND,
        agent=True,
        tags={PROBE_TAG: operation_id},
    )
    if request.type:
        require_offered(cloud, settings, image)
    launch = LaunchRequest(image.image_id, count=1, settings=settings)
    ends = datetime.fromtimestamp(cloud.now() + request.timeout_seconds + _MARGIN, timezone.utc)
    body = run_request(launch, settings, image)
    body["DataDisks"] = [{**disk, "DeleteWithInstance": True} for disk in body.get("DataDisks", ())]
    timer = {"TimerAction": "TerminateInstances", "ActionTime": as_tag(ends)}
    return ProbePlan(
        body | {"ClientToken": uuid.uuid4().hex, "ActionTimer": timer}, tuple(alternatives)
    )


def plan_alternative(cloud: Cloud, image: Image, plan: ProbePlan) -> ProbePlan:
    """Return the plan with the next type that the image supports.

    The name stays, so that an instance of the earlier request would still be found by it.

    Raises:
        PreconditionFailed: there is none.
    """
    choices = _supported(cloud, image, plan.alternatives)
    if not choices:
        raise _no_type(image, plan.zone)
    (zone, instance_type), *alternatives = choices
    changed = {
        "Placement": {**plan.run["Placement"], "Zone": zone},
        "InstanceType": instance_type,
        "ClientToken": uuid.uuid4().hex,
    }
    return ProbePlan(plan.run | changed, tuple(alternatives))


def _system_disk(place: LaunchSettings, image: Image) -> NewDisk:
    kind = place.system_disk.type if place.system_disk else ""
    return NewDisk(type=kind if kind.startswith(CLOUD_DISK) else "", gib=image.image_size)


def _choices(
    cloud: Cloud, image: Image, request: VerifyRequest, place: LaunchSettings
) -> list[tuple[str, str]]:
    """Return the zone of the model, or any, with the wanted type, or with the smallest ones."""
    wanted = request.type or (place.type if request.like else "")
    if place.zone and wanted:
        return [(place.zone, wanted)]
    offers = _offers(cloud, place.zone, wanted or "")
    if offers is None:
        return [(place.zone, place.type)] if place.zone and place.type else []
    smallest = _smallest_first(offers, image)
    return _supported(cloud, image, [(offer.zone, offer.instance_type) for offer in smallest])


def _supported(
    cloud: Cloud, image: Image, choices: Sequence[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Return the choices from the first one on that the image supports.

    Types of one family have the same architecture, so the first of each is asked about.
    """
    refused = set()
    for number, (_, instance_type) in enumerate(choices):
        family = instance_type.partition(".")[0]
        if family in refused:
            continue
        if cvm.supports_instance_type(cloud, image.image_id, instance_type):
            return list(choices[number : number + _MOST_TYPES])
        refused.add(family)
    return []


def _no_type(image: Image, zone: str) -> PreconditionFailed:
    return PreconditionFailed(Message("NoProbeType", image=image.image_id, zone=zone))


def _offers(cloud: Cloud, zone: str | None, instance_type: str) -> list[InstanceTypeOffer] | None:
    """Return what is sold; None if that may not be asked."""
    wanted = {"zone": zone or "", "instance_type": instance_type}
    given = {name: value for name, value in wanted.items() if value}
    return if_permitted(
        lambda: cvm.describe_zone_instance_config_infos(
            cloud, instance_charge_type=_ON_DEMAND, **given
        )
    )


def _smallest_first(offers: Sequence[InstanceTypeOffer], image: Image) -> list[InstanceTypeOffer]:
    """Return the types whose system disk can be a cloud disk, the smallest first."""
    least = _WINDOWS_GIB if image.platform == "Windows" else 0
    usable = [
        offer
        for offer in offers
        if offer.status == "SELL"
        and offer.memory >= least
        and not (offer.gpu or offer.storage_block_amount)
    ]
    return sorted(usable, key=lambda offer: (offer.cpu, offer.memory, offer.instance_type))
