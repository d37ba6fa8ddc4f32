"""The default world, in the format of ``world.model``."""

from __future__ import annotations

from typing import Any

_BUSY_SECONDS = 300

_UBUNTU = "Ubuntu Server 22.04 LTS 64bit"
_LOCAL = {"type": "LOCAL_BASIC", "size": 50}

_INSTANCES: list[dict[str, Any]] = [
    {
        "id": "ins-web00001",
        "name": "web-1",
        "image": _UBUNTU,
        "bandwidth": 5,
        "tags": {"team": "shop", "env": "production"},
    },
    {
        "id": "ins-data0001",
        "name": "data-1",
        "image": _UBUNTU,
        "data_disks": [{"id": "disk-data0001", "size": 200, "mount": "/data"}],
    },
    {
        "id": "ins-nofl0001",
        "name": "nofail-1",
        "image": "CentOS 7.9 64bit",
        "data_disks": [
            {"id": "disk-nofl0001", "size": 100, "mount": "/data", "options": "defaults,nofail"}
        ],
    },
    {
        "id": "ins-old00001",
        "name": "legacy-1",
        "image": "CentOS 6.9 64bit",
        "created": "2017-09-12T06:20:15Z",
        "type": "S5.SMALL2",
    },
    {"id": "ins-priv0001", "name": "from-base-1", "image": "img-basev001"},
    {"id": "ins-locl0001", "name": "local-1", "image": _UBUNTU, "system_disk": _LOCAL},
    {"id": "ins-stop0001", "name": "stopped-1", "image": _UBUNTU, "state": "STOPPED"},
    {
        "id": "ins-save0001",
        "name": "saving-1",
        "image": _UBUNTU,
        "state": "STOPPED",
        "stopped_mode": "STOP_CHARGING",
    },
    {
        "id": "ins-noat0001",
        "name": "no-agent-1",
        "image": _UBUNTU,
        "agent": False,
        "data_disks": [{"id": "disk-noat0001", "size": 50, "mount": "/data"}],
    },
    {
        "id": "ins-busy0001",
        "name": "busy-1",
        "image": "TencentOS Server 3.1 (TK4)",
        "operation": {"name": "ResetInstancesInternetMaxBandwidth", "seconds": _BUSY_SECONDS},
    },
    {
        "id": "ins-win00001",
        "name": "windows-1",
        "image": "Windows Server 2022 DataCenter 64bit CN",
        "type": "S5.LARGE8",
    },
]

_IMAGES: list[dict[str, Any]] = [
    {
        "id": "img-webv1000",
        "name": "web-v1",
        "of": "ins-web00001",
        "description": "The shop's web server.",
        "family": "web",
        "created": "2025-03-10T02:41:07Z",
        "tags": {"cvmimg-source-instance": "ins-web00001", "team": "shop"},
    },
    {
        "id": "img-basev001",
        "name": "base-v1",
        "of": _UBUNTU,
        "size": 50,
        "created": "2024-01-08T09:15:32Z",
    },
    {
        "id": "img-neigh001",
        "name": "partner-base",
        "of": "Debian 12.0 64bit",
        "account": "neighbour",
        "shared": True,
    },
]

_SHANGHAI_IMAGES: list[dict[str, Any]] = [
    {
        "id": f"img-full{number:04}",
        "name": f"app-2025-{number:02}",
        "of": _UBUNTU,
        "size": 50,
        "created": f"2025-{number:02}-01T01:00:00Z",
    }
    for number in range(1, 11)
]

WORLD: dict[str, Any] = {
    "quota": 10,
    "regions": {
        "ap-guangzhou": {
            "instances": _INSTANCES,
            "images": _IMAGES,
            "templates": [{"id": "lt-base0001", "name": "base", "image": "img-basev001"}],
            "scaling": [
                {
                    "id": "asc-base0001",
                    "name": "base",
                    "image": "img-basev001",
                    "group": "asg-base0001",
                }
            ],
            "stock": {"ap-guangzhou-7/SA5.LARGE8": 2},
        },
        "ap-shanghai": {
            "instances": [{"id": "ins-full0001", "name": "app-1", "image": _UBUNTU}],
            "images": _SHANGHAI_IMAGES,
        },
    },
}
