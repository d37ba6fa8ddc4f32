"""cvm: ExportImages, ImportImage and DescribeImportImageOs."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from cvmimg.sandbox.services import disks, dry_run, images
from cvmimg.sandbox.services.disks import disk_content
from cvmimg.sandbox.state import ids
from cvmimg.sandbox.state.kinds import Image
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal
from cvmimg.sandbox.world import catalog

_BUCKET = re.compile(r"[a-z0-9][a-z0-9-]*-[0-9]+")
_MAX_EXPORT_GIB = 500
_IMPORTED_GIB = 50


@action("cvm", "ExportImages")
def export_images(call: Call) -> Answer:
    """Start to export images to a bucket; the bucket is not simulated."""
    identifiers = call.params.get("ImageIds")
    if not identifiers:
        raise refusal("InvalidParameter.ImageIdsSnapshotIdsMustOne")
    if not _BUCKET.fullmatch(call.params["BucketName"]):
        raise refusal("InvalidParameterValue.BucketNotFound", bucket_name=call.params["BucketName"])
    found = [_exportable(call, identifier) for identifier in identifiers]
    prefixes = call.params.get("FileNamePrefixList", identifiers)
    if len(prefixes) != len(found):
        raise refusal("InvalidParameterValue.InvalidFileNamePrefixList")
    if dry_run.requested(call):
        return dry_run.answer(call)
    paths = [
        path
        for image, prefix in zip(found, prefixes, strict=True)
        for path in _paths(call, image, prefix)
    ]
    return {"TaskId": int(call.now), "CosPaths": paths}


@action("cvm", "ImportImage", writes=True)
def import_image(call: Call) -> Answer:
    """Start to import an image from a URL."""
    _check_url(call)
    _check_system(call)
    images.check_family(call.params.get("ImageFamily", ""))
    images.refuse_taken_name(call, call.params["ImageName"])
    images.refuse_beyond_quota(call)
    if dry_run.requested(call):
        return dry_run.answer(call)
    identifier = ids.new_id(call, "img")
    windows = call.params["OsType"].startswith("Windows")
    name = f"{call.params['OsType']} {call.params['OsVersion']}"
    call.store.put(
        {
            **images.new(call, identifier, "IMPORTING", SizeGib=_IMPORTED_GIB),
            **images.requested(call),
            "OsName": f"{name} {'64bit' if call.params['Architecture'] != 'i386' else '32bit'}",
            "Platform": "Windows" if windows else call.params["OsType"],
            "Architecture": _ARCHITECTURES[call.params["Architecture"]],
            "Source": "EXTERNAL_IMPORT",
            "Cloudinit": False,
            "LicenseType": call.params.get("LicenseType", "TencentCloud"),
            **disk_content.fresh(identifier, windows=windows, agent=False),
        }
    )
    return {"ImageId": identifier}


@action("cvm", "DescribeImportImageOs")
def describe_import_image_os(_: Call) -> Answer:
    """List the operating systems whose images can be imported."""
    names = list(catalog.IMPORTABLE)
    return {
        "ImportImageOsListSupported": {
            "Linux": [name for name in names if not name.startswith("Windows")],
            "Windows": [name for name in names if name.startswith("Windows")],
        },
        "ImportImageOsVersionSet": [
            {
                "OsName": name,
                "OsVersions": list(versions),
                "Architecture": list(catalog.IMPORTABLE_ARCHITECTURES),
            }
            for name, versions in catalog.IMPORTABLE.items()
        ],
    }


_ARCHITECTURES = {"x86_64": "x86_64", "i386": "i386", "arm_64": "arm"}


def _check_url(call: Call) -> None:
    try:
        url = urlsplit(call.params["ImageUrl"])
    except ValueError:
        url = urlsplit("")
    if url.scheme not in ("http", "https") or not url.netloc or len(url.path) < 2:
        raise refusal("InvalidParameter.InvalidParameterUrlError")
    if url.path.lower().endswith(".iso") and not call.params.get("Force"):
        raise refusal("InvalidParameterValue.ISOMustImportByForce")


def _check_system(call: Call) -> None:
    system, version = call.params["OsType"], call.params["OsVersion"]
    if system not in catalog.IMPORTABLE:
        raise refusal("InvalidImageOsType.Unsupported", system=system)
    if version not in catalog.IMPORTABLE[system] and not call.params.get("Force"):
        raise refusal("InvalidImageOsVersion.Unsupported", version=version, system=system)


def _exportable(call: Call, identifier: str) -> Image:
    image = images.require(call, identifier)
    code = _refusal_code(call, image)
    if code is not None:
        raise refusal(code, "transfer.exportable", id=identifier)
    return image


def _refusal_code(call: Call, image: Image) -> str | None:
    """Return the error code of an image that cannot be exported, or None."""
    kind = images.image_type(call, image)
    reasons = {
        "UnsupportedOperation.PublicImageExportUnsupported": kind == images.PUBLIC_IMAGE,
        "UnsupportedOperation.SharedImageExportUnsupported": kind == images.SHARED_IMAGE,
        "UnsupportedOperation.WindowsImageExportUnsupported": image["Platform"] == "Windows",
        "UnsupportedOperation.EncryptedImagesNotSupported": image["Encrypted"],
        "UnsupportedOperation.ImageTooLargeExportUnsupported": image["SizeGib"] > _MAX_EXPORT_GIB,
        "InvalidParameterValue.InvalidImageState": images.state(image, call.now) != "NORMAL",
    }
    return next((code for code, holds in reasons.items() if holds), None)


def _paths(call: Call, image: Image, prefix: str) -> list[str]:
    suffix = call.params.get("ExportFormat", "RAW").lower()
    return [
        f"/{prefix}_{_PARTS[each['DiskUsage']]}_{each['SnapshotId']}.{suffix}"
        for each in image["Snapshots"]
        if each["DiskUsage"] == disks.SYSTEM_DISK or not call.params.get("OnlyExportRootDisk")
    ]


_PARTS = {disks.SYSTEM_DISK: "system", disks.DATA_DISK: "data"}
