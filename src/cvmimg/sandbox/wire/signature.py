"""Who signed a request: TC3-HMAC-SHA256, and the older HmacSHA1 and HmacSHA256.

The time of the signature is judged by the real clock, not by the sandbox's faster one: it is the
client's real clock that made it.
"""

# ruff: noqa: RUF001 - Chinese messages have Chinese punctuation

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache

from cvmimg.sandbox.wire import errors
from cvmimg.sandbox.wire.envelope import Envelope
from cvmimg.sandbox.wire.errors import ApiError
from cvmimg.sandbox.wire.http import HttpRequest
from cvmimg.sandbox.world.accounts import Identity, KeyRing

TOLERANCE_SECONDS = 300

_AUTHORIZATION = re.compile(
    r"TC3-HMAC-SHA256\s+"
    r"Credential=(?P<id>[^/,\s]+)/(?P<date>\d{4}-\d\d-\d\d)/(?P<service>[^/,\s]*)/tc3_request\s*,"
    r"\s*SignedHeaders=(?P<headers>[^,\s]+)\s*,\s*Signature=(?P<signature>[0-9a-f]{64})\s*"
)

_PORT = re.compile(r"^(host:.*):\d+$", re.MULTILINE)

_OLD_METHODS = {"HmacSHA1": hashlib.sha1, "HmacSHA256": hashlib.sha256}


@dataclass(frozen=True)
class Signed:
    """What a signature that holds tells.

    Attributes:
        identity: who signed.
        scope: the service that the credential scope names; empty for the older signatures.
    """

    identity: Identity
    scope: str


def verify(
    request: HttpRequest, envelope: Envelope, keys: KeyRing, *, real_now: float, now: float
) -> Signed:
    """Find out who signed ``request``.

    Args:
        request: as it came.
        envelope: what it tells about itself.
        keys: the credentials that exist.
        real_now: seconds since the epoch by the clock that clients sign by.
        now: seconds since the epoch by the sandbox's clock, which temporary credentials expire by.

    Raises:
        ApiError: AuthFailure.…, as the real service answers.
    """
    if envelope.old_style:
        return _verify_old(request, envelope, keys, real_now, now)
    return _verify_tc3(request, envelope, keys, real_now, now)


def _verify_tc3(
    request: HttpRequest, envelope: Envelope, keys: KeyRing, real_now: float, now: float
) -> Signed:
    told = _AUTHORIZATION.fullmatch(request.headers["authorization"])
    if told is None:
        raise errors.not_authorized(
            "InvalidAuthorization",
            "The header `Authorization` is not a TC3-HMAC-SHA256 one.",
            "请求头部的 `Authorization` 不符合腾讯云标准。",
        )
    timestamp = _fresh(envelope.timestamp, real_now)
    identity = keys.identify(told["id"], envelope.token, now)
    if told["date"] != _date(timestamp):
        raise errors.signature_failure(
            "the date of the credential scope is not that of X-TC-Timestamp",
            "凭证范围的日期与 X-TC-Timestamp 不一致",
        )
    scope = f"{told['date']}/{told['service']}/tc3_request"
    key = _tc3_key(identity.secret_key, told["date"], told["service"])
    for text in _tc3_texts(request, told["headers"]):
        digest = hashlib.sha256(text).hexdigest()
        to_sign = f"TC3-HMAC-SHA256\n{envelope.timestamp}\n{scope}\n{digest}"
        made = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
        if hmac.compare_digest(made, told["signature"]):
            return Signed(identity, told["service"])
    raise _wrong_signature()


def _tc3_texts(request: HttpRequest, signed_headers: str) -> Iterator[bytes]:
    """The canonical request, as each of the official clients may have written it.

    Headers' values are signed as they are sent, or in lower case as documented; and the Node.js
    SDK leaves the port out of the host, which makes no difference at the real service's port.
    """
    names = signed_headers.split(";")
    for needed in ("content-type", "host"):
        if needed not in names:
            raise errors.signature_failure(
                f"SignedHeaders lacks {needed}", f"SignedHeaders 缺少 {needed}"
            )
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
        raise ApiError(
            "InvalidParameterValue",
            f"The signature method `{method}` is not supported.",
            f"不支持的签名方法：`{method}`。",
        )
    _fresh(envelope.timestamp, real_now)
    identity = keys.identify(fields["SecretId"], envelope.token, now)
    text = _old_text(request, fields)
    made = hmac.new(identity.secret_key.encode(), text.encode(), _OLD_METHODS[method]).digest()
    expected = base64.b64encode(made).decode()
    if not hmac.compare_digest(expected.encode(), fields["Signature"].encode()):
        raise _wrong_signature()
    return Signed(identity, "")


def _old_text(request: HttpRequest, fields: Mapping[str, str]) -> str:
    pairs = "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "Signature")
    return f"{request.method}{request.headers.get('host', '')}{request.path}?{pairs}"


def _fresh(timestamp: str, real_now: float) -> int:
    """The time of the signature, if it is near enough to the real one."""
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        raise ApiError(
            "InvalidParameter", "The timestamp is not a number.", "Timestamp 不是合法的数字。"
        )
    seconds = int(timestamp)
    if abs(real_now - seconds) > TOLERANCE_SECONDS:
        raise errors.not_authorized(
            "SignatureExpire",
            f"The signature is {abs(real_now - seconds):.0f} seconds off; "
            f"{TOLERANCE_SECONDS} are allowed. Check the clock of the client.",
            "签名过期，请检查客户端时间。",
        )
    return seconds


def _date(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, timezone.utc).strftime("%Y-%m-%d")


def _wrong_signature() -> ApiError:
    return errors.signature_failure(
        "the signature does not match; check the secret key and the signature method",
        "签名不匹配，请检查 SecretKey 与签名方法",
    )
