"""Two accounts and their credentials, all derived from a master key stored beside the database.

The database therefore contains no secrets, and temporary credentials are not stored: their token
holds the account, the role and the expiry, authenticated with the master key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cvmimg.sandbox.wire.errors import refusal

OWNER = "100000000001"
"""UIN of the main account; ``sandbox serve`` prints its credentials."""
NEIGHBOUR = "100000000002"
"""UIN of a second account, for sharing."""
ACCOUNTS = (OWNER, NEIGHBOUR)

_KEY_BYTES = 32
_FIRST_APP_ID = 1_250_000_000
_LETTERS = string.ascii_letters + string.digits


def app_id(account: str) -> int:
    """Return the AppId of an account."""
    return _FIRST_APP_ID + int(account) % 1_000_000


@dataclass(frozen=True)
class Identity:
    """An authenticated caller.

    Attributes:
        account: UIN of the main account.
        secret_key: the key of the signature.
        caller: the answer of GetCallerIdentity.
    """

    account: str
    secret_key: str
    caller: dict[str, str]


@dataclass(frozen=True)
class TemporaryCredentials:
    """Temporary credentials; ``expires`` is in seconds since the epoch."""

    secret_id: str
    secret_key: str
    token: str
    expires: int


class KeyRing:
    """All credentials of one sandbox.

    Args:
        master: the master key.
    """

    def __init__(self, master: bytes) -> None:
        self._master = master
        self._permanent = {self.permanent(account)[0]: account for account in ACCOUNTS}

    @classmethod
    def open(cls, folder: Path | None) -> KeyRing:
        """Open the key ring in ``folder``, created if necessary; a temporary one for None."""
        if folder is None:
            return cls(secrets.token_bytes(_KEY_BYTES))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(_master_key(folder / "master.key"))

    @property
    def control_token(self) -> str:
        """Return the token for ``control``: the owner's secret key."""
        return self.permanent(OWNER)[1]

    def permanent(self, account: str) -> tuple[str, str]:
        """Return the secret id and secret key of ``account``."""
        secret_id = "AKID" + self._derive(f"id/{account}")
        return secret_id, self._key_of(secret_id)

    def issue(self, account: str, role: str, session: str, expires: int) -> TemporaryCredentials:
        """Issue temporary credentials for a session of ``role`` in ``account``."""
        secret_id = "AKID" + "".join(secrets.choice(_LETTERS) for _ in range(64))
        grant = {"id": secret_id, "a": account, "r": role, "s": session, "e": expires}
        token = self._encode_token(grant)
        return TemporaryCredentials(secret_id, self._key_of(secret_id), token, expires)

    def identify(self, secret_id: str, token: str, now: float) -> Identity:
        """Look up the caller.

        Args:
            secret_id: from the request.
            token: from the request; empty if absent.
            now: the sandbox's time, in seconds since the epoch.

        Raises:
            ApiError: AuthFailure.SecretIdNotFound or AuthFailure.TokenFailure.
        """
        if token:
            grant = self._decode_token(token)
            if grant is None or grant["id"] != secret_id or grant["e"] <= now:
                raise refusal("AuthFailure.TokenFailure")
            account, role, user = grant["a"], grant["r"], f"{grant['r']}:{grant['s']}"
            arn, kind = f"qcs::sts:{account}:assumed-role/{role}", "CAMRole"
        elif secret_id in self._permanent:
            account = user = self._permanent[secret_id]
            arn, kind = f"qcs::cam::uin/{account}:uin/{account}", "RootAccount"
        else:
            raise refusal("AuthFailure.SecretIdNotFound")
        caller = {
            "Arn": arn,
            "AccountId": account,
            "UserId": user,
            "PrincipalId": account,
            "Type": kind,
        }
        return Identity(account, self._key_of(secret_id), caller)

    def _key_of(self, secret_id: str) -> str:
        return self._derive(f"key/{secret_id}")

    def _derive(self, purpose: str) -> str:
        """Return 32 letters and digits; the same purpose gives the same text."""
        return _derive(self._master, purpose)

    def _encode_token(self, grant: Mapping[str, object]) -> str:
        payload = json.dumps(grant, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mac(payload) + payload).decode()

    def _decode_token(self, token: str) -> dict[str, Any] | None:
        try:
            raw = base64.b64decode(token, altchars=b"-_", validate=True)
        except ValueError:
            return None
        mac, payload = raw[:32], raw[32:]
        if not hmac.compare_digest(mac, self._mac(payload)):
            return None
        grant: dict[str, Any] = json.loads(payload)
        return grant

    def _mac(self, payload: bytes) -> bytes:
        return hmac.new(self._master, b"token/" + payload, hashlib.sha256).digest()


@lru_cache(maxsize=256)
def _derive(master: bytes, purpose: str) -> str:
    digest = hmac.new(master, purpose.encode(), hashlib.sha256).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest)


def _master_key(path: Path) -> bytes:
    """Read the key file, readable only by its owner; create it on first use."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
        try:
            # Two processes may get here at the same time; the first link wins.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise ValueError(f"{path} is not a valid sandbox key; remove its folder to start over")
    return key
