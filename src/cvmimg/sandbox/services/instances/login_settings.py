"""How to log in to new instances."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cvmimg.sandbox.services import images, networks
from cvmimg.sandbox.services.instances.launch_request import Order
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import ApiError

_CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")


@dataclass(frozen=True)
class Login:
    """How to log in: the keys, and whether that is left as the image has it."""

    key_ids: Sequence[str]
    keep_image_login: bool


def read(call: Call, order: Order) -> Login:
    """What the order says about it; a password is checked and forgotten.

    Raises:
        ApiError: the settings exclude one another, or do not fit the image.
    """
    told = order.params.get("LoginSettings", {})
    keep = told.get("KeepImageLogin", "false").lower() == "true"
    keys = told.get("KeyIds") or []
    if sum((keep, bool(keys), "Password" in told)) > 1:
        raise ApiError(
            "InvalidParameterCombination",
            "Only one of `Password`, `KeyIds` and `KeepImageLogin` can be given.",
            "`Password`、`KeyIds` 与 `KeepImageLogin` 只能指定一个。",
        )
    if keep and images.image_type(call, order.image) == images.PUBLIC_IMAGE:
        raise ApiError(
            "InvalidParameterCombination",
            "A public image has no login to keep.",
            "公共镜像不支持保留镜像登录设置。",
        )
    if keys and order.image["Platform"] == "Windows":
        raise ApiError(
            "UnsupportedOperation.KeyPairUnsupportedWindows",
            "Instances with Windows have no keys.",
            "Windows 实例不支持密钥登录。",
        )
    networks.check_keys(call, keys)
    _check_password(told.get("Password"))
    return Login(keys, keep)


def _check_password(password: str | None) -> None:
    if password is None:
        return
    classes = sum(1 for form in _CLASSES if re.search(form, password))
    if not 8 <= len(password) <= 30 or classes < 2 or password.startswith("/"):
        raise ApiError("InvalidPassword", "The password is too weak.", "密码不符合复杂度要求。")
