"""cbs: DescribeDisks."""

from __future__ import annotations

from cvmimg.sandbox.services import disks, filters, instances
from cvmimg.sandbox.state import documents
from cvmimg.sandbox.state.kinds import Disk, Document
from cvmimg.sandbox.wire.call import Answer, Call, action


@action("cbs", "DescribeDisks")
def describe_disks(call: Call) -> Answer:
    """List cloud disks, newest first by default."""
    if call.params.get("DiskIds"):
        owned = documents.owned(call, disks.KIND, call.params["DiskIds"])
        found = [disk for disk in owned if documents.is_listed(disk, call.now)]
    elif call.params.get("Filters") or "Order" in call.params:
        named = filters.candidates(
            call, disks.KIND, ids="disk-id", names="disk-name", parents="instance-id"
        )
        found = filters.select(call, named, _filters(call))
    else:
        total, page = filters.listed_page(call, disks.KIND)
        return {"TotalCount": total, "DiskSet": [disks.to_response(call, disk) for disk in page]}
    return filters.answer(call, "DiskSet", filters.in_order(call, found), disks.to_response)


def _filters(call: Call) -> filters.Known:
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


_FILTERS: filters.Known = {
    "disk-usage": "DiskUsage",
    "disk-charge-type": lambda disk: (disks.charge_type(disk),),
    "portable": lambda disk: ("TRUE" if disk["DiskUsage"] == disks.DATA_DISK else "FALSE",),
    "project-id": lambda _: ("0",),
    "disk-id": "Id",
    "disk-name": "Name",
    "disk-type": "DiskType",
    "zone": "Zone",
    "dedicated-cluster-id": lambda _: (),
    "cluster-group-id": lambda _: (),
}
