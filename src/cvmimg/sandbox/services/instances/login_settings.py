"""The login settings of new instances."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cvmimg.sandbox.services import images, key_pairs
from cvmimg.sandbox.state.store import Document
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import ApiError

_CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")


@dataclass(frozen=True)
class Login:
    """Key pairs, and whether the login of the image is kept."""

    key_ids: Sequence[str]
    keep_image_login: bool


def read(call: Call, settings: Mapping[str, Any], image: Document) -> Login:
    """Parse the login settings; a password is checked and discarded.

    Raises:
        ApiError: the settings conflict with each other or with the image.
    """
    keep = settings.get("KeepImageLogin", "false").lower() == "true"
    keys = settings.get("KeyIds") or []
    if sum((keep, bool(keys), "Password" in settings)) > 1:
        raise ApiError(
            "InvalidParameterCombination",
            "Only one of `Password`, `KeyIds` and `KeepImageLogin` can be specified.",
            "`Password`、`KeyIds` 与 `KeepImageLogin` 只能指定一个。",
        )
    if keep and images.image_type(call, image) == images.PUBLIC_IMAGE:
        raise ApiError(
            "InvalidParameterCombination",
            "A public image does not support KeepImageLogin.",
            "公共镜像不支持保留镜像登录设置。",
        )
    if keys and image["Platform"] == "Windows":
        raise ApiError(
            "UnsupportedOperation.KeyPairUnsupportedWindows",
            "Windows instances do not support key pairs.",
            "Windows 实例不支持密钥登录。",
        )
    key_pairs.refuse_unknown(call, keys)
    if "Password" in settings:
        check_password(settings["Password"])
    return Login(keys, keep)


def without_password(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``settings`` as they may be stored."""
    return {name: value for name, value in settings.items() if name != "Password"}


def check_password(password: str) -> None:
    """Refuse a weak password.

    Raises:
        ApiError: InvalidPassword.
    """
    classes = sum(1 for pattern in _CLASSES if re.search(pattern, password))
    if not 8 <= len(password) <= 30 or classes < 2 or password.startswith("/"):
        raise ApiError("InvalidPassword", "The password is too weak.", "密码不符合复杂度要求。")
