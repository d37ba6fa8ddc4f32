"""cvm: ModifyImageSharePermission and DescribeImageSharePermission."""

from __future__ import annotations

from typing import Any

from cvmimg.sandbox.services import images
from cvmimg.sandbox.state import timestamps
from cvmimg.sandbox.state.store import Document
from cvmimg.sandbox.wire.call import Call, action
from cvmimg.sandbox.wire.errors import ApiError
from cvmimg.sandbox.world.accounts import NEIGHBOUR, OWNER

_ACCOUNTS = (OWNER, NEIGHBOUR)


@action("cvm", "ModifyImageSharePermission", writes=True)
def modify_image_share_permission(call: Call) -> dict[str, Any]:
    """Share an image with accounts, or stop sharing it."""
    image = _own(call)
    _refuse_unshareable(call, image)
    accounts = list(dict.fromkeys(call.params["AccountIds"]))
    for account in accounts:
        _check_account(call, account)
    if call.params["Permission"] == "SHARE":
        _share(call, image, accounts)
    else:
        for account in accounts:
            call.store.delete(images.SHARE, images.share_id(image["Id"], account))
    return {}


@action("cvm", "DescribeImageSharePermission")
def describe_image_share_permission(call: Call) -> dict[str, Any]:
    """List the accounts that an image is shared with."""
    found = [
        {"AccountId": share["Account"], "CreatedTime": timestamps.iso(share["Created"])}
        for share in images.shares(call, _own(call)["Id"])
    ]
    return {"SharePermissionSet": found}


def _own(call: Call) -> Document:
    identifier = call.params["ImageId"]
    image = images.usable(call, identifier)
    if image is None:
        raise images.not_found(identifier)
    if image["Account"] != call.account:
        raise ApiError(
            "UnauthorizedOperation.ImageNotBelongToAccount",
            f"The image `{identifier}` belongs to another account.",
            f"镜像 `{identifier}` 不属于当前账号。",
        )
    return image


def _refuse_unshareable(call: Call, image: Document) -> None:
    identifier = image["Id"]
    if images.state(image, call.now) != "NORMAL" or "Gone" in image:
        raise ApiError(
            "InvalidParameterValue.InvalidImageState",
            f"The image `{identifier}` is in the state {images.state(image, call.now)}.",
            f"镜像 `{identifier}` 的状态不支持该操作。",
        )
    if images.is_whole_machine(image):
        raise ApiError(
            "InvalidParameter.InstanceImageNotSupport",
            f"The image `{identifier}` includes data disks.",
            f"整机镜像 `{identifier}` 不支持共享。",
        )
    if image["Encrypted"]:
        raise ApiError(
            "UnsupportedOperation.EncryptedImagesNotSupported",
            f"The image `{identifier}` is encrypted.",
            f"加密镜像 `{identifier}` 不支持共享。",
        )
    if image["LicenseType"] == "BYOL":
        raise ApiError(
            "FailedOperation.BYOLImageShareFailed",
            f"The image `{identifier}` is licensed as BYOL.",
            f"BYOL 镜像 `{identifier}` 不支持共享。",
        )


def _check_account(call: Call, account: str) -> None:
    if account == call.account:
        raise ApiError(
            "FailedOperation.AccountIsYourSelf",
            "An image cannot be shared with its own account.",
            "不能共享给自己。",
        )
    if account not in _ACCOUNTS:
        raise ApiError(
            "InvalidAccountId.NotFound",
            f"The account {account} does not exist.",
            f"账号 {account} 不存在。",
        )


def _share(call: Call, image: Document, accounts: list[str]) -> None:
    for account in accounts:
        identifier = images.share_id(image["Id"], account)
        if call.store.get(images.SHARE, identifier) is not None:
            raise ApiError(
                "FailedOperation.AccountAlreadyExists",
                f"The image is already shared with {account}.",
                f"镜像已共享给账号 {account}。",
            )
        call.store.put(
            {
                "Kind": images.SHARE,
                "Id": identifier,
                "Account": account,
                "Region": image["Region"],
                "Parent": image["Id"],
                "Created": call.now,
            }
        )
