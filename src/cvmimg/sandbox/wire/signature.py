"""Verifies signatures: TC3-HMAC-SHA256, and the older HmacSHA1 and HmacSHA256.

The time of a signature is compared with the real clock, not with the sandbox's accelerated one,
because the client signs by its real clock.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache

from cvmimg.sandbox.wire.envelope import Envelope
from cvmimg.sandbox.wire.errors import refusal
from cvmimg.sandbox.wire.http import HttpRequest
from cvmimg.sandbox.world.accounts import Identity, KeyRing

TOLERANCE_SECONDS = 300

_AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256\s+"
    r"Credential=(?P<id>[^/,\s]+)/(?P<date>\d{4}-\d\d-\d\d)/(?P<service>[^/,\s]*)/tc3_request\s*,"
    r"\s*SignedHeaders=(?P<headers>[^,\s]+)\s*,\s*Signature=(?P<signature>[0-9a-f]{64})\s*"
)

_PORT = re.compile(r"^(host:.*):\d+$", re.MULTILINE)

_UNSIGNED_ACTIONS = frozenset({"AssumeRoleWithWebIdentity"})
"""Actions that prove the caller by a token among their parameters."""

_OLD_METHODS = {"HmacSHA1": hashlib.sha1, "HmacSHA256": hashlib.sha256}


@dataclass(frozen=True)
class Signed:
    """The result of a valid signature.

    Attributes:
        identity: who signed.
        scope: the service in the credential scope; empty for the older methods.
    """

    identity: Identity
    scope: str


def verify(
    request: HttpRequest, envelope: Envelope, keys: KeyRing, *, real_now: float, now: float
) -> Signed:
    """Verify the signature of ``request``.

    Args:
        request: as received.
        envelope: its common parameters.
        keys: the key ring.
        real_now: seconds since the epoch by the real clock, which clients sign by.
        now: seconds since the epoch by the sandbox's clock, by which temporary credentials expire.

    Raises:
        ApiError: AuthFailure.…, as the real service answers.
    """
    if request.headers.get("authorization") == "SKIP" and envelope.action in _UNSIGNED_ACTIONS:
        return Signed(Identity("", "", {}), "sts")
    verify_style = _verify_old if envelope.old_style else _verify_tc3
    return verify_style(request, envelope, keys, real_now, now)


def _verify_tc3(
    request: HttpRequest, envelope: Envelope, keys: KeyRing, real_now: float, now: float
) -> Signed:
    match = _AUTHORIZATION.fullmatch(request.headers["authorization"])
    if match is None:
        raise refusal("AuthFailure.InvalidAuthorization")
    timestamp = _fresh(envelope.timestamp, real_now)
    identity = keys.identify(match["id"], envelope.token, now)
    if match["date"] != _date(timestamp):
        raise refusal("AuthFailure.SignatureFailure", "signature.date")
    scope = f"{match['date']}/{match['service']}/tc3_request"
    key = _tc3_key(identity.secret_key, match["date"], match["service"])
    for text in _tc3_texts(request, match["headers"]):
        digest = hashlib.sha256(text).hexdigest()
        to_sign = f"TC3-HMAC-SHA256\n{envelope.timestamp}\n{scope}\n{digest}"
        expected = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
        if hmac.compare_digest(expected, match["signature"]):
            return Signed(identity, match["service"])
    raise refusal("AuthFailure.SignatureFailure", "signature.mismatch")


def _tc3_texts(request: HttpRequest, signed_headers: str) -> Iterator[bytes]:
    """Yield the canonical request in each form that official clients use.

    Header values are signed as sent, or in lower case as documented; the Node.js SDK omits the
    port from the host, which makes no difference at the real service's port.
    """
    names = signed_headers.split(";")
    for required in ("content-type", "host"):
        if required not in names:
            raise refusal("AuthFailure.SignatureFailure", "signature.headers", name=required)
    unsigned = request.headers.get("x-tc-content-sha256") == "UNSIGNED-PAYLOAD"
    payload = b"UNSIGNED-PAYLOAD" if unsigned else request.body
    digest = hashlib.sha256(payload).hexdigest()
    sent = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in names)
    portless = _PORT.sub(r"\1", sent)
    for lines in dict.fromkeys((sent, portless, sent.lower(), portless.lower())):
        parts = (request.method, request.path, request.query, lines, signed_headers, digest)
        yield "\n".join(parts).encode()


@lru_cache(maxsize=256)
def _tc3_key(secret_key: str, date: str, service: str) -> bytes:
    key = f"TC3{secret_key}".encode()
    for part in (date, service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _verify_old(
    request: HttpRequest, envelope: Envelope, keys: KeyRing, real_now: float, now: float
) -> Signed:
    fields = envelope.fields or {}
    method = fields.get("SignatureMethod", "HmacSHA1")
    if method not in _OLD_METHODS:
        raise refusal("InvalidParameterValue", "signature.verify-old", method=method)
    _fresh(envelope.timestamp, real_now)
    identity = keys.identify(fields["SecretId"], envelope.token, now)
    text = _old_text(request, fields)
    expected = hmac.new(identity.secret_key.encode(), text.encode(), _OLD_METHODS[method]).digest()
    if not hmac.compare_digest(base64.b64encode(expected), fields["Signature"].encode()):
        raise refusal("AuthFailure.SignatureFailure", "signature.mismatch")
    return Signed(identity, "")


def _old_text(request: HttpRequest, fields: Mapping[str, str]) -> str:
    pairs = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "Signature")
    return f"{request.method}{request.headers.get('host', '')}{request.path}?{pairs}"


def _fresh(timestamp: str, real_now: float) -> int:
    """Return the time of the signature if it is within the tolerance."""
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise refusal("InvalidParameter", "signature.fresh")
    seconds = int(timestamp)
    if abs(real_now - seconds) > TOLERANCE_SECONDS:
        off = abs(real_now - seconds)
        raise refusal("AuthFailure.SignatureExpire", seconds=off, allowed=TOLERANCE_SECONDS)
    return seconds


def _date(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, timezone.utc).strftime("%Y-%m-%d")
