"""The login settings of new instances."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cvmimg.sandbox.services import images, key_pairs
from cvmimg.sandbox.state.kinds import ApiObject, Image
from cvmimg.sandbox.wire.call import Call
from cvmimg.sandbox.wire.errors import refusal

_CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")


@dataclass(frozen=True)
class Login:
    """Key pairs, and whether the login of the image is kept."""

    key_ids: Sequence[str]
    keep_image_login: bool


def read(call: Call, settings: ApiObject, image: Image) -> Login:
    """Parse the login settings; a password is checked and discarded.

    Raises:
        ApiError: the settings conflict with each other or with the image.
    """
    keep = settings.get("KeepImageLogin", "false").lower() == "true"
    keys = settings.get("KeyIds") or []
    if sum((keep, bool(keys), "Password" in settings)) > 1:
        raise refusal("InvalidParameterCombination", "login-settings.several")
    if keep and images.image_type(call, image) == images.PUBLIC_IMAGE:
        raise refusal("InvalidParameterCombination", "login-settings.public-image")
    if keys and image["Platform"] == "Windows":
        raise refusal("UnsupportedOperation.KeyPairUnsupportedWindows")
    key_pairs.refuse_unknown(call, keys)
    if "Password" in settings:
        check_password(settings["Password"])
    return Login(keys, keep)


def without_password(settings: ApiObject) -> dict[str, Any]:
    """Return ``settings`` as they may be stored."""
    return {name: value for name, value in settings.items() if name != "Password"}


def check_password(password: str) -> None:
    """Refuse a weak password.

    Raises:
        ApiError: InvalidPassword.
    """
    classes = sum(1 for pattern in _CLASSES if re.search(pattern, password))
    if not 8 <= len(password) <= 30 or classes < 2 or password.startswith("/"):
        raise refusal("InvalidPassword")
