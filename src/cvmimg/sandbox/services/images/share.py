"""cvm: ModifyImageSharePermission and DescribeImageSharePermission."""

from __future__ import annotations

from cvmimg.sandbox.services import images
from cvmimg.sandbox.state import kinds, timestamps
from cvmimg.sandbox.state.kinds import Image
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal
from cvmimg.sandbox.world.accounts import NEIGHBOUR, OWNER

_ACCOUNTS = (OWNER, NEIGHBOUR)


@action("cvm", "ModifyImageSharePermission", writes=True)
def modify_image_share_permission(call: Call) -> None:
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


@action("cvm", "DescribeImageSharePermission")
def describe_image_share_permission(call: Call) -> Answer:
    """List the accounts that an image is shared with."""
    found = [
        {"AccountId": share["Account"], "CreatedTime": timestamps.iso(share["Created"])}
        for share in images.shares(call, _own(call)["Id"])
    ]
    return {"SharePermissionSet": found}


def _own(call: Call) -> Image:
    identifier = call.params["ImageId"]
    image = images.require(call, identifier)
    if image["Account"] != call.account:
        raise refusal("UnauthorizedOperation.ImageNotBelongToAccount", id=identifier)
    return image


def _refuse_unshareable(call: Call, image: Image) -> None:
    identifier = image["Id"]
    if images.state(image, call.now) != "NORMAL" or "Gone" in image:
        raise refusal(
            "InvalidParameterValue.InvalidImageState",
            id=identifier,
            state=images.state(image, call.now),
        )
    if images.is_whole_machine(image):
        raise refusal(
            "InvalidParameter.InstanceImageNotSupport", "share.whole-machine", id=identifier
        )
    if image["Encrypted"]:
        raise refusal(
            "UnsupportedOperation.EncryptedImagesNotSupported", "share.encrypted", id=identifier
        )
    if image["LicenseType"] == "BYOL":
        raise refusal("FailedOperation.BYOLImageShareFailed", id=identifier)


def _check_account(call: Call, account: str) -> None:
    if account == call.account:
        raise refusal("FailedOperation.AccountIsYourSelf")
    if account not in _ACCOUNTS:
        raise refusal("InvalidAccountId.NotFound", account=account)


def _share(call: Call, image: Image, accounts: list[str]) -> None:
    for account in accounts:
        identifier = images.share_id(image["Id"], account)
        if call.store.get(images.SHARE, identifier) is not None:
            raise refusal("FailedOperation.AccountAlreadyExists", account=account)
        call.store.put(
            {
                **kinds.base(images.SHARE, identifier, account, image["Region"], call.now),
                "Parent": image["Id"],
            }
        )
