"""Where the account's keys come from, read as the SDKs, tccli and Terraform read them."""

from __future__ import annotations

import configparser
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cvmimg.errors import CredentialsError


@dataclass(frozen=True)
class Credentials:
    """A secret id with its key, and the token of temporary ones.

    Attributes:
        secret_id: names the key; may be shown.
        secret_key: never shown, logged or stored.
        token: for temporary credentials (STS), else empty; never shown.
        source: where they were found, for messages.
    """

    secret_id: str
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)
    source: str = "given"


def find_credentials(
    environment: Mapping[str, str], *, home: Path, profile: str = ""
) -> Credentials:
    """The first credentials found: a named profile's, the environment's, tccli's, the SDKs'.

    Args:
        environment: usually ``os.environ``.
        home: the folder that holds ``.tccli`` and ``.tencentcloud``.
        profile: a profile the user named expressly; it then beats the environment's keys.

    Raises:
        CredentialsError: none were found, or a file of them cannot be read.
    """
    found = None
    if profile:
        found = _from_tccli(home, profile) or _from_sdk_file(home, profile)
    found = (
        found
        or _from_environment(environment)
        or _from_tccli(home, profile or "default")
        or _from_sdk_file(home, profile or "default")
    )
    if found is None:
        raise CredentialsError(
            "no credentials were found"
            + (f" (profile {profile!r} has none either)" if profile else ""),
            hint="set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or run `tccli configure`;"
            " to try the tool without an account, add --sandbox",
        )
    return found


def _from_environment(environment: Mapping[str, str]) -> Credentials | None:
    secret_id = environment.get("TENCENTCLOUD_SECRET_ID", "").strip()
    secret_key = environment.get("TENCENTCLOUD_SECRET_KEY", "").strip()
    if not secret_id and not secret_key:
        return None
    for name, value in (
        ("TENCENTCLOUD_SECRET_ID", secret_id),
        ("TENCENTCLOUD_SECRET_KEY", secret_key),
    ):
        if not value:
            raise CredentialsError(
                f"{name} is empty, though its counterpart is set", hint=f"set {name} as well"
            )
    token = environment.get("TENCENTCLOUD_TOKEN") or environment.get(
        "TENCENTCLOUD_SECURITY_TOKEN", ""
    )
    return Credentials(secret_id, secret_key, token.strip(), source="the environment")


def _from_tccli(home: Path, profile: str) -> Credentials | None:
    """Read ``~/.tccli/<profile>.credential``, a JSON object that ``tccli configure`` writes."""
    path = home / ".tccli" / f"{profile}.credential"
    text = _read(path)
    if text is None:
        return None
    try:
        entries = json.loads(text)
        secret_id, secret_key = entries.get("secretId", ""), entries.get("secretKey", "")
    except (ValueError, AttributeError) as error:
        raise _unreadable(path, "it is not a JSON object") from error
    if not secret_id or not secret_key:
        return None
    return Credentials(secret_id, secret_key, entries.get("token") or "", source=str(path))


def _from_sdk_file(home: Path, profile: str) -> Credentials | None:
    """Read ``~/.tencentcloud/credentials``, an INI file that the SDKs share."""
    path = home / ".tencentcloud" / "credentials"
    text = _read(path)
    if text is None:
        return None
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise _unreadable(path, "it is not an INI file") from error
    if not parser.has_section(profile):
        return None
    section = parser[profile]
    secret_id = section.get("secret_id", "").strip().strip('"')
    secret_key = section.get("secret_key", "").strip().strip('"')
    if not secret_id or not secret_key:
        return None
    return Credentials(
        secret_id, secret_key, section.get("token", "").strip().strip('"'), source=str(path)
    )


def find_region(environment: Mapping[str, str], *, home: Path, profile: str = "") -> str:
    """The region that the environment or tccli's configuration names, or an empty string.

    Args:
        environment: usually ``os.environ``; ``TENCENTCLOUD_REGION`` is read.
        home: the folder that holds ``.tccli``.
        profile: the profile named by the user, if any.
    """
    region = environment.get("TENCENTCLOUD_REGION", "").strip()
    path = home / ".tccli" / f"{profile or 'default'}.configure"
    if (region and not profile) or (text := _read(path)) is None:
        return region
    try:
        settings = json.loads(text)
        configured = (settings.get("_sys_param") or settings).get("region", "")
    except (ValueError, AttributeError) as error:
        raise _unreadable(path, "it is not a JSON object") from error
    return str(configured or region)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, getattr(error, "strerror", None) or "it is not UTF-8") from error


def _unreadable(path: Path, why: str) -> CredentialsError:
    return CredentialsError(
        f"{path} cannot be read: {why}", hint="mend the file or run `tccli configure`"
    )
