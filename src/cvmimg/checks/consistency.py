"""Checks ``consistency``: an image of a running instance holds data that programs can recover."""

from __future__ import annotations

from cvmimg.checks.facts import Facts
from cvmimg.checks.observed import warn_if
from cvmimg.checks.result import CheckResult, Status
from cvmimg.guest.facts import GuestFacts

_CLUSTER_MEMBERS = frozenset(
    (
        "ceph-mon",
        "ceph-osd",
        "consul",
        "corosync",
        "etcd",
        "glusterd",
        "hdfs",
        "k3s-agent",
        "k3s-server",
        "kafka",
        "kubelet",
        "mongod",
        "nomad",
        "patroni",
        "pd-server",
        "tikv-server",
        "zookeeper",
    )
)


def databases(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Find databases that write while the image is created."""
    return warn_if(_running(guest, facts) - _CLUSTER_MEMBERS, "DatabasesRunning")


def cluster_members(guest: GuestFacts, facts: Facts) -> CheckResult:
    """Find members of clusters: a copy of a running one comes up with the same identity."""
    members = _running(guest, facts) & _CLUSTER_MEMBERS
    return warn_if(members, "ClusterMembersRunning", Status.FAIL)


def _running(guest: GuestFacts, facts: Facts) -> set[str]:
    """Return the known programs that keep running while the image is created."""
    return set() if facts.request.power == "stop" else set(guest.seen("process"))
