"""Zones, instance types, disk types and public images."""

from __future__ import annotations

from dataclasses import dataclass

from cvmimg.sandbox.world import regions


@dataclass(frozen=True)
class InstanceType:
    """An instance type: cores, GiB of memory, and price in CNY per hour."""

    name: str
    cpu: int
    memory: int
    price: float


@dataclass(frozen=True)
class PublicImage:
    """A public image, available in every region; ``size`` in GiB."""

    id: str
    os_name: str
    platform: str
    created: str
    size: int = 20


_FAMILIES = {
    "S5": 0.13,
    "SA2": 0.10,
    "S6": 0.14,
    "SA5": 0.12,
}
_SIZES = (
    ("SMALL1", 1, 1),
    ("SMALL2", 1, 2),
    ("MEDIUM2", 2, 2),
    ("MEDIUM4", 2, 4),
    ("MEDIUM8", 2, 8),
    ("LARGE8", 4, 8),
    ("LARGE16", 4, 16),
    ("2XLARGE16", 8, 16),
    ("2XLARGE32", 8, 32),
    ("4XLARGE32", 16, 32),
    ("4XLARGE64", 16, 64),
    ("8XLARGE128", 32, 128),
    ("16XLARGE256", 64, 256),
)
_CNY_PER_GIB = 0.03

INSTANCE_TYPES = {
    f"{family}.{size}": InstanceType(
        f"{family}.{size}", cpu, memory, round(cpu * price + memory * _CNY_PER_GIB, 2)
    )
    for family, price in _FAMILIES.items()
    for size, cpu, memory in _SIZES
} | {"IT5.4XLARGE64": InstanceType("IT5.4XLARGE64", 16, 64, 6.1)}
"""Instance types by name."""

DEFAULT_INSTANCE_TYPE = "S5.MEDIUM4"
LOCAL_DISK_TYPES = frozenset({"LOCAL_BASIC", "LOCAL_SSD", "LOCAL_NVME", "LOCAL_PRO"})
CLOUD_DISK_PRICES = {
    "CLOUD_BASIC": 0.0005,
    "CLOUD_BSSD": 0.0006,
    "CLOUD_PREMIUM": 0.0007,
    "CLOUD_SSD": 0.0015,
    "CLOUD_HSSD": 0.0020,
    "CLOUD_TSSD": 0.0042,
}
"""Price in CNY per hour and GiB, by disk type."""
DEFAULT_DISK_TYPE = "CLOUD_BSSD"

SOLD_OUT = frozenset({("ap-guangzhou-3", "SA2"), ("ap-guangzhou-6", "S6")})
"""Zones, and instance families that are sold out there."""

_ZONES: dict[str, tuple[int, tuple[int, ...]]] = {
    "ap-guangzhou": (100000, (3, 4, 6, 7)),
    "ap-shanghai": (200000, (2, 4, 5, 8)),
    "ap-nanjing": (330000, (1, 2, 3)),
    "ap-beijing": (800000, (3, 5, 6, 7)),
    "ap-chengdu": (160000, (1, 2)),
    "ap-chongqing": (190000, (1,)),
    "ap-hongkong": (300000, (2, 3)),
    "ap-singapore": (900000, (1, 2, 3, 4)),
    "na-siliconvalley": (150000, (1, 2)),
    "na-ashburn": (220000, (1, 2)),
    "eu-frankfurt": (170000, (1, 2)),
}
_DIGITS = "零一二三四五六七八九"
UNAVAILABLE_ZONES = frozenset({"ap-guangzhou-4"})
"""Zones where no new resources are available."""


@dataclass(frozen=True)
class Zone:
    """An availability zone."""

    id: str
    number: str
    name: str

    @property
    def available(self) -> bool:
        """Return whether new resources are available."""
        return self.id not in UNAVAILABLE_ZONES


def zones(region: str) -> list[Zone]:
    """Return the zones of ``region``."""
    first = 500000 + 10000 * regions.IDS.index(region)
    base, numbers = _ZONES.get(region, (first, (1, 2)))
    city = regions.NAMES[region][1].partition("(")[2].rstrip(")")
    return [
        Zone(f"{region}-{number}", str(base + number), f"{city}{_DIGITS[number]}区")
        for number in numbers
    ]


PUBLIC_IMAGES = (
    PublicImage("img-mmytdhbn", "Ubuntu Server 24.04 LTS 64bit", "Ubuntu", "2024-06-05T08:21:44Z"),
    PublicImage("img-487zeit5", "Ubuntu Server 22.04 LTS 64bit", "Ubuntu", "2022-08-29T03:09:12Z"),
    PublicImage("img-22trbn9x", "Ubuntu Server 20.04 LTS 64bit", "Ubuntu", "2020-09-01T05:44:02Z"),
    PublicImage("img-pi0ii46r", "Ubuntu Server 18.04 LTS 64bit", "Ubuntu", "2018-11-06T07:10:31Z"),
    PublicImage("img-6n21msk1", "TencentOS Server 4", "TencentOS", "2024-03-11T09:00:00Z"),
    PublicImage("img-eb30mz89", "TencentOS Server 3.1 (TK4)", "TencentOS", "2021-03-16T09:38:20Z"),
    PublicImage("img-9xqekomx", "OpenCloudOS Server 9", "OpenCloudOS", "2023-08-02T06:12:30Z"),
    PublicImage("img-l8og963d", "CentOS 7.9 64bit", "CentOS", "2021-01-12T03:33:17Z"),
    PublicImage("img-9qabwvbn", "CentOS 7.6 64bit", "CentOS", "2019-03-05T08:42:25Z"),
    PublicImage("img-4cmp1f33", "CentOS 6.9 64bit", "CentOS", "2017-06-20T02:15:00Z"),
    PublicImage("img-dkaznp7b", "CentOS Stream 9 64bit", "CentOS Stream", "2022-05-11T02:00:44Z"),
    PublicImage("img-mkhgy9u7", "Debian 12.0 64bit", "Debian", "2023-07-18T08:16:40Z"),
    PublicImage("img-4i7uw2fd", "Debian 11.1 64bit", "Debian", "2021-11-02T02:41:51Z"),
    PublicImage("img-no575grb", "Rocky Linux 9.3 64bit", "Rocky Linux", "2024-01-09T07:44:20Z"),
    PublicImage("img-2kmjbj5l", "AlmaLinux 9.3 64bit", "AlmaLinux", "2024-01-10T04:30:09Z"),
    PublicImage("img-ixaq9h1p", "openSUSE Leap 15.4 64bit", "openSUSE", "2022-10-26T09:51:13Z"),
    PublicImage("img-kgjyrx2s", "FreeBSD 13.1 64bit", "FreeBSD", "2022-07-08T03:27:58Z"),
    PublicImage("img-9id7emv7", "Windows Server 2022 DataCenter 64bit CN", "Windows",
                "2022-03-24T03:05:02Z", 50),
    PublicImage("img-6na0qqib", "Windows Server 2019 DataCenter 64bit EN", "Windows",
                "2020-04-14T06:29:35Z", 50),
)  # fmt: skip

IMPORTABLE = {
    "CentOS": ("6", "7", "8"),
    "Ubuntu": ("16", "18", "20", "22", "24"),
    "Debian": ("8", "9", "10", "11", "12"),
    "OpenSUSE": ("12", "13", "15"),
    "SUSE": ("11", "12", "15"),
    "CoreOS": ("7",),
    "FreeBSD": ("10", "11", "12", "13"),
    "Rocky Linux": ("8", "9"),
    "AlmaLinux": ("8", "9"),
    "TencentOS": ("2", "3", "4"),
    "OpenCloudOS": ("8", "9"),
    "Other Linux": ("1",),
    "Windows Server 2012": ("9",),
    "Windows Server 2016": ("9",),
    "Windows Server 2019": ("9",),
    "Windows Server 2022": ("9",),
}
"""Versions of each operating system that ImportImage accepts."""
IMPORTABLE_ARCHITECTURES = ("x86_64", "i386")
