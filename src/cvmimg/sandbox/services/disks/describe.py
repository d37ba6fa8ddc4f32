"""cbs: DescribeDisks."""

from __future__ import annotations

from collections.abc import Sequence

from cvmimg.sandbox.services import disks, filters, instances
from cvmimg.sandbox.state import documents
from cvmimg.sandbox.state.kinds import Disk, Document
from cvmimg.sandbox.wire.call import Answer, Call, action


@action("cbs", "DescribeDisks")
def describe_disks(call: Call) -> Answer:
    """List cloud disks, newest first by default."""
    total, page = _page(call)
    return {"TotalCount": total, "DiskSet": [disks.to_response(call, disk) for disk in page]}


def _page(call: Call) -> tuple[int, Sequence[Disk]]:
    place = (disks.KIND, call.account, call.region, call.now)
    if call.params.get("DiskIds"):
        wanted = dict.fromkeys(call.params["DiskIds"])
        owned = (documents.own(call, disks.KIND, identifier) for identifier in wanted)
        found = [disk for disk in owned if disk and documents.is_listed(disk, call.now)]
    elif call.params.get("Filters") or "Order" in call.params:
        named = filters.candidates(
            call, disks.KIND, ids="disk-id", names="disk-name", parents="instance-id"
        )
        found = filters.select(call, named, _filters(call))
    else:
        offset, limit = filters.bounds(call)
        return call.store.count(*place), call.store.page(*place, offset=offset, limit=limit)
    return len(found), filters.page(call, filters.in_order(call, found))


def _filters(call: Call) -> dict[str, filters.Values]:
    def attached_to(disk: Disk) -> str:
        return disks.instance_id(disk, call.now)

    def of_instance(disk: Disk) -> Document:
        return call.store.get(instances.KIND, attached_to(disk)) or {}

    return {
        **_FILTERS,
        "disk-state": lambda disk: (disks.state(disk, call.now),),
        "instance-id": lambda disk: (attached_to(disk),),
        "instance-name": lambda disk: (of_instance(disk).get("Name", ""),),
        "instance-ip-address": lambda disk: (
            *of_instance(disk).get("PrivateIpAddresses", ()),
            *(of_instance(disk).get("PublicIpAddresses") or ()),
        ),
    }


_FILTERS: dict[str, filters.Values] = {
    "disk-usage": filters.member("DiskUsage"),
    "disk-charge-type": lambda disk: (disks.charge_type(disk),),
    "portable": lambda disk: ("TRUE" if disk["DiskUsage"] == disks.DATA_DISK else "FALSE",),
    "project-id": lambda _: ("0",),
    "disk-id": filters.member("Id"),
    "disk-name": filters.member("Name"),
    "disk-type": filters.member("DiskType"),
    "zone": filters.member("Zone"),
    "dedicated-cluster-id": lambda _: (),
    "cluster-group-id": lambda _: (),
}
