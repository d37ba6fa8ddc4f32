"""Save credentials and a region where tccli, Terraform and cvmimg read them."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cvmimg.cloud.credentials import Credentials
from cvmimg.cloud.find_credentials import Places
from cvmimg.errors import CredentialsError
from cvmimg.message import Message

_NOT_OF_KEYS = ("type", "expiresAt", "role-name")
"""Entries of a login or an instance role, which the keys replace."""


def credential_file(places: Places, profile: str) -> Path:
    """Return the file with the keys of a profile."""
    return places.tccli / f"{profile}.credential"


def save_credentials(
    places: Places, profile: str, credentials: Credentials, region: str
) -> list[Path]:
    """Write the keys and the region of a profile; what else its files hold is kept.

    Args:
        places: the folder of the profiles.
        profile: its name.
        credentials: the keys.
        region: the region to use by default.

    Returns:
        The files that were written; only their owner can read them.

    Raises:
        CredentialsError: a file cannot be read or written.
    """
    keys = {
        "secretId": credentials.secret_id,
        "secretKey": credentials.secret_key,
        "token": credentials.token or None,
    }
    path = credential_file(places, profile)
    kept = {name: value for name, value in _read(path).items() if name not in _NOT_OF_KEYS}
    _write(path, kept | keys)
    settings = path.with_suffix(".configure")
    known = _read(settings)
    system = known.get("_sys_param")
    system = {"output": "json"} | (system if isinstance(system, dict) else {})
    _write(settings, known | {"_sys_param": system | {"region": region}})
    return [path, settings]


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CredentialsError(
            Message("CredentialsFileInvalid", path=str(path), format="JSON")
        ) from error
    return content if isinstance(content, dict) else {}


def _write(path: Path, content: Mapping[str, Any]) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2)
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        reason = error.strerror or type(error).__name__
        raise CredentialsError(
            Message("CredentialsNotSaved", path=str(path), reason=reason)
        ) from error
