"""Find credentials where the SDKs, tccli, Terraform and CI systems keep them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cvmimg.cloud.client import CredentialsProvider
from cvmimg.cloud.credentials import Credentials
from cvmimg.errors import CredentialsError
from cvmimg.message import Message

ENVIRONMENT = "environment"
_SECRET_ID, _SECRET_KEY = "TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"
_TOKEN = ("TENCENTCLOUD_TOKEN", "TENCENTCLOUD_SECURITY_TOKEN")
_ROLE_ARN = ("TENCENTCLOUD_ROLE_ARN", "TENCENTCLOUD_ASSUME_ROLE_ARN", "TKE_ROLE_ARN")
_SESSION_NAME = ("TENCENTCLOUD_ROLE_SESSION_NAME", "TENCENTCLOUD_ASSUME_ROLE_SESSION_NAME")
_PROVIDER_ID = ("TENCENTCLOUD_PROVIDER_ID", "TKE_PROVIDER_ID")
_TOKEN_FILE = ("TENCENTCLOUD_WEB_IDENTITY_TOKEN_FILE", "TKE_WEB_IDENTITY_TOKEN_FILE")
_WEB_IDENTITY = "TENCENTCLOUD_WEB_IDENTITY_TOKEN"
_AUDIENCE = "TENCENTCLOUD_WEB_IDENTITY_AUDIENCE"
_INSTANCE_ROLE = "TENCENTCLOUD_CAM_ROLE_NAME"
_PROFILE = ("TENCENTCLOUD_PROFILE", "TCCLI_PROFILE")
_FOLDER = "TENCENTCLOUD_SHARED_CREDENTIALS_DIR"
_REGION = ("TENCENTCLOUD_REGION", "TKE_REGION")
_DEFAULT_PROFILE = "default"
_DEFAULT_SESSION_NAME = "cvmimg"
_LOGIN_COMMANDS = {"oauth": "tccli auth login", "sso": "tccli sso login"}


@dataclass(frozen=True)
class Places:
    """The places that credentials are read from.

    Attributes:
        environment: usually ``os.environ``.
        home: the folder that holds ``.tccli`` and ``.tencentcloud``.
        system: the folder that holds ``tencentcloud/credentials`` for all users.
    """

    environment: Mapping[str, str]
    home: Path
    system: Path = Path("/etc")

    def variable(self, *names: str) -> str:
        """Return the first of these variables that is set, or an empty string."""
        values = (self.environment.get(name, "").strip() for name in names)
        return next(filter(None, values), "")

    @property
    def tccli(self) -> Path:
        """The folder of tccli's profiles, which Terraform reads as well."""
        named = self.variable(_FOLDER)
        return Path(named).expanduser() if named else self.home / ".tccli"

    @property
    def sdk_files(self) -> tuple[Path, ...]:
        """The files that the SDKs share, the more important first."""
        folders = (self.home / ".tencentcloud", self.system / "tencentcloud")
        return tuple(folder / "credentials" for folder in folders)


def find_credentials(places: Places) -> CredentialsProvider:
    """Find the credentials to use if no profile is named.

    In this order: keys in the environment (with a role that they are to assume), a web identity,
    an instance's role, tccli's profile, the SDKs' files.

    Raises:
        CredentialsError: there are none, or what there is cannot be used.
    """
    found = _from_environment(places) or _from_web_identity(places) or _from_instance(places)
    if found is not None:
        return found
    named = places.variable(*_PROFILE)
    found = find_profile(places, named or _DEFAULT_PROFILE)
    if found is not None:
        return found
    if named:
        raise CredentialsError(Message("ProfileCredentialsMissing", profile=named))
    raise CredentialsError(Message("CredentialsMissing", places=searched(places)))


def searched(places: Places) -> list[str]:
    """Return where ``find_credentials`` looks, in its order: variables, then files."""
    variables = [f"{_SECRET_ID} and {_SECRET_KEY}", _PROVIDER_ID[0], _INSTANCE_ROLE]
    tccli = places.tccli / f"{_DEFAULT_PROFILE}.credential"
    return [*variables, str(tccli), *map(str, places.sdk_files)]


def profile_names(places: Places) -> list[str]:
    """Return the names of the profiles of tccli and of the SDKs' files."""
    import re

    names = sorted(path.stem for path in places.tccli.glob("*.credential"))
    for path in places.sdk_files:
        names += re.findall(r"(?m)^\[([^\]\n]+)\]", _read(path) or "")
    return list(dict.fromkeys(names))


def find_profile(places: Places, profile: str) -> CredentialsProvider | None:
    """Find a profile of tccli or of the SDKs' files; None if neither has it.

    Raises:
        CredentialsError: its file cannot be read, or its credentials are incomplete.
    """
    found = _from_tccli(places, profile)
    for path in places.sdk_files:
        found = found or _from_sdk_file(path, profile)
    return found


@dataclass(frozen=True)
class FoundRegion:
    """A region and where it was found.

    Attributes:
        name: such as "ap-guangzhou"; empty if there is none.
        source: an environment variable or the path of a file.
    """

    name: str = ""
    source: str = ""


def find_region(places: Places, profile: str = "") -> FoundRegion:
    """Find the region that the environment or a profile of tccli names.

    Args:
        places: the places to search.
        profile: a profile that the user named, which then beats the environment.

    Raises:
        CredentialsError: the profile's file cannot be read.
    """
    variable = next(filter(places.variable, _REGION), "")
    in_environment = FoundRegion(places.variable(variable), variable)
    if variable and not profile:
        return in_environment
    name = profile or places.variable(*_PROFILE) or _DEFAULT_PROFILE
    path = places.tccli / f"{name}.configure"
    settings = _read_json(path) or {}
    configured = settings.get("_sys_param")
    table = configured if isinstance(configured, dict) else settings
    region = str(table.get("region") or "")
    return FoundRegion(region, str(path)) if region else in_environment


def _from_environment(places: Places) -> CredentialsProvider | None:
    secret_id, secret_key = places.variable(_SECRET_ID), places.variable(_SECRET_KEY)
    if not secret_id and not secret_key:
        return None
    for name, value in ((_SECRET_ID, secret_id), (_SECRET_KEY, secret_key)):
        if not value:
            raise CredentialsError(Message("CredentialsIncomplete", missing=name))
    keys = Credentials(secret_id, secret_key, places.variable(*_TOKEN), ENVIRONMENT)
    role_arn = places.variable(*_ROLE_ARN)
    return _assume(keys, role_arn, places.variable(*_SESSION_NAME)) if role_arn else keys


def _from_web_identity(places: Places) -> CredentialsProvider | None:
    provider_id, role_arn = places.variable(*_PROVIDER_ID), places.variable(*_ROLE_ARN)
    if not provider_id:
        return None
    if not role_arn:
        raise CredentialsError(Message("CredentialsIncomplete", missing=_ROLE_ARN[0]))

    from cvmimg.cloud.temporary_credentials import TokenSource, web_identity

    token = TokenSource(
        file=places.variable(*_TOKEN_FILE),
        text=places.variable(_WEB_IDENTITY),
        request_url=places.variable("ACTIONS_ID_TOKEN_REQUEST_URL"),
        request_token=places.variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
        audience=places.variable(_AUDIENCE),
    )
    session_name = places.variable(*_SESSION_NAME) or _DEFAULT_SESSION_NAME
    return web_identity(provider_id, role_arn, session_name, token)


def _from_instance(places: Places) -> CredentialsProvider | None:
    name = places.variable(_INSTANCE_ROLE)
    if not name:
        return None

    from cvmimg.cloud.temporary_credentials import instance_role

    return instance_role(name)


def _from_tccli(places: Places, profile: str) -> CredentialsProvider | None:
    """Read ``<profile>.credential``, a JSON object that tccli writes."""
    path = places.tccli / f"{profile}.credential"
    entries = _read_json(path)
    if entries is None:
        return None
    kind = str(entries.get("type") or "")
    if kind == "cvm-role":
        from cvmimg.cloud.temporary_credentials import instance_role

        return instance_role(str(entries.get("role-name") or ""))
    if kind in _LOGIN_COMMANDS:
        from cvmimg.cloud.temporary_credentials import login_session

        command = f"{_LOGIN_COMMANDS[kind]} --profile {profile}"
        return login_session(path, read_tccli_keys, command)
    return _with_role(
        read_tccli_keys(path), entries.get("role-arn"), entries.get("role-session-name"), path
    )


def read_tccli_keys(path: Path) -> Credentials | None:
    """Read the keys of a profile of tccli; None if it has none.

    Raises:
        CredentialsError: the file cannot be read.
    """
    entries = _read_json(path) or {}
    secret_id, secret_key, token = (
        _text(entries.get(name)) for name in ("secretId", "secretKey", "token")
    )
    expires_at = entries.get("expiresAt")
    known = float(expires_at) if isinstance(expires_at, (int, float)) else None
    complete = bool(secret_id and secret_key)
    return Credentials(secret_id, secret_key, token, str(path), known) if complete else None


def _text(value: Any) -> str:
    text = str(value or "").strip()
    return "" if text == "None" else text  # what tccli writes where it was given nothing


def _from_sdk_file(path: Path, profile: str) -> CredentialsProvider | None:
    """Read a section of an INI file that the SDKs share."""
    text = _read(path)
    if text is None:
        return None

    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise _invalid(path, "INI") from error
    if not parser.has_section(profile):
        return None

    def value(name: str) -> str:
        return parser[profile].get(name, "").strip().strip("\"'")

    secret_id, secret_key = value("secret_id"), value("secret_key")
    complete = bool(secret_id and secret_key)
    keys = Credentials(secret_id, secret_key, value("token"), str(path)) if complete else None
    return _with_role(keys, value("role_arn"), value("role_session_name"), path)


def _with_role(
    keys: Credentials | None, role_arn: Any, session_name: Any, path: Path
) -> CredentialsProvider | None:
    """The role that these keys assume, or the keys: never the keys where there is a role."""
    if not role_arn:
        return keys
    if keys is None:
        raise CredentialsError(Message("RoleWithoutKeys", path=str(path), role=str(role_arn)))
    return _assume(keys, str(role_arn), str(session_name or ""))


def _assume(keys: Credentials, role_arn: str, session_name: str) -> CredentialsProvider:
    from cvmimg.cloud.temporary_credentials import assumed_role

    return assumed_role(keys, role_arn, session_name or _DEFAULT_SESSION_NAME)


def _read_json(path: Path) -> dict[str, Any] | None:
    text = _read(path)
    if text is None:
        return None
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _invalid(path, "JSON") from error
    if not isinstance(entries, dict):
        raise _invalid(path, "JSON")
    return entries


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise _invalid(path, "UTF-8") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CredentialsError(
            Message("CredentialsFileUnreadable", path=str(path), reason=reason)
        ) from error


def _invalid(path: Path, wanted: str) -> CredentialsError:
    return CredentialsError(Message("CredentialsFileInvalid", path=str(path), format=wanted))
