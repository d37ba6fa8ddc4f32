"""The common parameters of a request, of either style of signature.

TC3-HMAC-SHA256 has the common parameters in headers; HmacSHA1 and HmacSHA256 have them among the
parameters of a query or a form.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from cvmimg.sandbox.wire.errors import ApiError, refusal
from cvmimg.sandbox.wire.http import HttpRequest

_FORM = "application/x-www-form-urlencoded"

_REQUIRED_FIELDS = ("Action", "Version", "Timestamp", "Nonce", "SecretId", "Signature")
_REQUIRED_HEADERS = ("X-TC-Action", "X-TC-Version", "X-TC-Timestamp", "Authorization")
_COMMON = {*_REQUIRED_FIELDS, "Region", "SignatureMethod", "Token", "Language", "RequestClient"}
_PARTS = ("action", "version", "region", "language", "timestamp", "token")
"""The texts in an envelope."""

MAX_BODY = 10 * 1024 * 1024
MAX_QUERY = 32 * 1024
MAX_FORM = 1024 * 1024


@dataclass(frozen=True)
class Envelope:
    """The common parameters of a request.

    Attributes:
        action: the API action.
        version: of the API, such as "2017-03-12".
        region: such as "ap-guangzhou"; empty if not specified.
        language: "zh-CN", or anything else for English.
        timestamp: time of the signature by the client's clock, in seconds since the epoch.
        token: of temporary credentials; empty for permanent ones.
        fields: the parameters by flattened name ("Filters.0.Name"); None for a JSON body.
        old_style: whether the common parameters are among ``fields``.
    """

    action: str
    version: str
    region: str
    language: str
    timestamp: str
    token: str
    fields: Mapping[str, str] | None
    old_style: bool


def language(request: HttpRequest) -> str:
    """Return the language for error messages, even of malformed requests."""
    return request.headers.get("x-tc-language", "")


def read(request: HttpRequest) -> Envelope:
    """Read the common parameters of ``request``.

    Raises:
        ApiError: the request is too large, has an unsupported method or content type, or lacks a
            common parameter.
    """
    _check_size(request)
    fields = _fields(request)
    old_style = not _is_new_style(request)
    headers, named = request.headers, fields or {}
    if old_style:
        required = {name: named.get(name) for name in _REQUIRED_FIELDS}
        common = {part: named.get(part.title(), "") for part in _PARTS}
    else:
        required = {name: headers.get(name.lower()) for name in _REQUIRED_HEADERS}
        common = {part: headers.get(f"x-tc-{part}", "") for part in _PARTS}
    for name, value in required.items():
        if not value:
            raise refusal("MissingParameter", name=name)
    return Envelope(fields=fields, old_style=old_style, **common)


def parameters(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object in a request's body.

    Raises:
        ApiError: the body is not a JSON object.
    """
    if not request.body:
        return {}
    try:
        return request.json_object()
    except (ValueError, RecursionError) as error:
        raise refusal("InvalidParameter", "envelope.parameters") from error


def is_dry_run(request: HttpRequest, envelope: Envelope) -> bool:
    """Return whether the request has DryRun, as far as it can be read before validation."""
    if envelope.fields is not None:
        return envelope.fields.get("DryRun", "").lower() in ("true", "1")
    if b'"DryRun"' not in request.body:
        return False
    try:
        return parameters(request).get("DryRun") is True
    except ApiError:
        return False


def action_fields(envelope: Envelope) -> dict[str, str]:
    """Return the fields that are parameters of the action."""
    fields = envelope.fields or {}
    if not envelope.old_style:
        return dict(fields)
    return {name: value for name, value in fields.items() if name not in _COMMON}


def _check_size(request: HttpRequest) -> None:
    form = request.headers.get("content-type", "").startswith(_FORM)
    max_body = MAX_FORM if form else MAX_BODY
    if len(request.query) > MAX_QUERY or len(request.body) > max_body:
        raise refusal("RequestSizeLimitExceeded")


def _fields(request: HttpRequest) -> dict[str, str] | None:
    """Return the flattened parameters, or None if the body is JSON."""
    if request.method == "GET":
        return _parse(request.query)
    if request.method != "POST":
        raise refusal("UnsupportedProtocol", "envelope.method")
    content = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content == _FORM:
        return _parse(request.body.decode("latin-1"))
    if content == "application/json":
        # @tencent-sdk/capi names JSON as the type of the forms that it signs in the old style.
        return None if _is_new_style(request) else _parse(request.body.decode("latin-1"))
    raise refusal("UnsupportedProtocol", "envelope.content-type", form=_FORM)


def _parse(encoded: str) -> dict[str, str]:
    return dict(parse_qsl(encoded, keep_blank_values=True))


def _is_new_style(request: HttpRequest) -> bool:
    return "x-tc-action" in request.headers or "authorization" in request.headers
