"""Credentials that expire: fetched when they are first needed, and again before they end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from cvmimg.cloud.client import Cloud, is_loopback
from cvmimg.cloud.credentials import ANONYMOUS, Credentials
from cvmimg.errors import CredentialsError, CvmimgError, Unreachable
from cvmimg.message import Message

RENEW_BEFORE_SECONDS = 300.0
"""How long before their end credentials are renewed: the clocks may differ by as much."""
_METADATA = "http://metadata.tencentyun.com/latest/meta-data/cam/security-credentials/"
_TIMEOUT_SECONDS = (2, 10)


class TemporaryCredentials:
    """Credentials that are renewed before they expire. Safe to use from several threads.

    Args:
        source: where they come from.
        fetch: gets new ones.
        stable_id: names whose they are, such as a role; ``source`` by default.
    """

    def __init__(
        self, source: str, fetch: Callable[[Cloud], Credentials], *, stable_id: str = ""
    ) -> None:
        self.source = source
        self.stable_id = stable_id or source
        self._fetch = fetch
        self._lock = threading.Lock()
        self._latest: Credentials | None = None

    def current(self, cloud: Cloud) -> Credentials:
        """Return credentials that are valid now.

        Raises:
            CredentialsError: new ones were refused.
            Unreachable: the cloud did not answer.
        """
        with self._lock:
            if self._latest is None or self._left(cloud, self._latest) < RENEW_BEFORE_SECONDS:
                self._latest = self._renewed(cloud, self._latest)
            return self._latest

    def _renewed(self, cloud: Cloud, latest: Credentials | None) -> Credentials:
        try:
            return self._fetch(cloud)
        except CvmimgError as error:
            if latest is not None and self._left(cloud, latest) > 0:
                return latest
            if isinstance(error, (CredentialsError, Unreachable)):
                raise
            # Whatever is wrong with the role or the token, it is wrong with the credentials.
            raise CredentialsError(
                error.message, code=error.code, hint=error.hint, request_id=error.request_id
            ) from error

    def _left(self, cloud: Cloud, latest: Credentials) -> float:
        return float("inf") if latest.expires_at is None else latest.expires_at - cloud.clock.now()


@dataclass(frozen=True)
class TokenSource:
    """Where the token of a web identity comes from; the first that is given counts.

    Attributes:
        file: the path of a file that holds the token (as in TKE).
        text: the token itself (GitLab puts it into a variable).
        request_url: the URL that issues a token (GitHub Actions).
        request_token: authorizes a request to it.
        audience: the audience of the requested token; empty for the default.
    """

    file: str = ""
    text: str = field(default="", repr=False)
    request_url: str = ""
    request_token: str = field(default="", repr=False)
    audience: str = ""

    def read(self) -> str:
        """Get a token.

        Raises:
            CredentialsError: there is none.
        """
        if self.file:
            return _read_token(Path(self.file))
        if self.text:
            return self.text
        if self.request_url and self.request_token:
            return self._request()
        raise CredentialsError(Message("WebIdentityTokenMissing"))

    def _request(self) -> str:
        parts = urlsplit(self.request_url)
        if parts.scheme != "https" and not is_loopback(parts.hostname or ""):
            raise CredentialsError(Message("WebIdentityUrlInsecure", host=parts.hostname or ""))
        joint = "&" if parts.query else "?"
        audience = f"{joint}audience={quote(self.audience, safe='')}" if self.audience else ""
        failed = Message("WebIdentityTokenRefused", host=parts.hostname or "")
        url = f"{self.request_url}{audience}"
        token = _get_json(url, failed, bearer=self.request_token).get("value")
        if not isinstance(token, str) or not token:
            raise CredentialsError(failed)
        return token


def assumed_role(keys: Credentials, role_arn: str, session_name: str) -> TemporaryCredentials:
    """Return the credentials of a role that keys assume (AssumeRole)."""

    def fetch(cloud: Cloud) -> Credentials:
        from cvmimg.cloud import sts

        return sts.assume_role(replace(cloud, credentials=keys), role_arn, session_name)

    return TemporaryCredentials(keys.source, fetch, stable_id=role_arn)


def web_identity(
    provider_id: str, role_arn: str, session_name: str, token: TokenSource
) -> TemporaryCredentials:
    """Return the credentials of a role that a web identity assumes (AssumeRoleWithWebIdentity)."""

    def fetch(cloud: Cloud) -> Credentials:
        from cvmimg.cloud import sts

        return sts.assume_role_with_web_identity(
            replace(cloud, credentials=ANONYMOUS),
            role_arn,
            session_name,
            provider_id=provider_id,
            token=token.read(),
        )

    return TemporaryCredentials(role_arn, fetch)


def instance_role(role: str = "") -> TemporaryCredentials:
    """Return the credentials of the role of the instance that cvmimg runs on.

    Args:
        role: its name; empty for the only one.
    """
    return TemporaryCredentials(_METADATA + role, lambda _: _instance_credentials(role))


def login_session(
    path: Path, read_keys: Callable[[Path], Credentials | None], command: str
) -> TemporaryCredentials:
    """Return the credentials of a login that tccli keeps in a file and renews itself.

    Args:
        path: the file.
        read_keys: reads it.
        command: what the user has to run once it has expired.
    """

    def fetch(cloud: Cloud) -> Credentials:
        keys = read_keys(path)
        if keys is None or (keys.expires_at or 0) <= cloud.clock.now():
            raise CredentialsError(
                Message("LoginExpired", path=str(path), command=command), code="LoginExpired"
            )
        return keys

    return TemporaryCredentials(str(path), fetch)


def _instance_credentials(role: str) -> Credentials:
    failed = Message("InstanceRoleUnavailable", role=role)
    name = role or _get(_METADATA, failed).text.strip()
    answer = _get_json(_METADATA + quote(name, safe=""), failed)
    secret_id, secret_key, token = (
        answer.get(key) for key in ("TmpSecretId", "TmpSecretKey", "Token")
    )
    expires_at = answer.get("ExpiredTime")
    if not (secret_id and secret_key and isinstance(expires_at, (int, float))):
        raise CredentialsError(failed)
    return Credentials(
        str(secret_id), str(secret_key), str(token or ""), _METADATA + name, float(expires_at)
    )


def _read_token(path: Path) -> str:
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "UTF-8"
        raise CredentialsError(
            Message("CredentialsFileUnreadable", path=str(path), reason=reason)
        ) from error
    if not token:
        raise CredentialsError(Message("WebIdentityTokenMissing"))
    return token


def _get_json(url: str, failed: Message, *, bearer: str = "") -> dict[str, Any]:
    try:
        answer = _get(url, failed, bearer=bearer).json()
    except ValueError as error:
        raise CredentialsError(failed) from error
    if not isinstance(answer, dict):
        raise CredentialsError(failed)
    return answer


def _get(url: str, failed: Message, *, bearer: str = "") -> Any:
    """Read from the metadata service, or with a bearer token from a host that may need a proxy."""
    import requests

    headers = {"Authorization": f"bearer {bearer}"} if bearer else {}
    with requests.Session() as session:
        # An entry of ~/.netrc for the host would replace the Authorization header.
        session.trust_env = False
        try:
            answer = session.get(
                url,
                headers=headers,
                timeout=_TIMEOUT_SECONDS,
                allow_redirects=False,
                proxies=requests.utils.get_environ_proxies(url) if bearer else None,
            )
        except requests.RequestException as error:
            raise CredentialsError(failed) from error
    if answer.status_code != requests.codes.ok:
        raise CredentialsError(failed)
    return answer
