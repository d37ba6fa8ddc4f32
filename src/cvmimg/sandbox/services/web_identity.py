"""Tokens of OIDC identity providers: JSON Web Tokens signed with RS256."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

from cvmimg.sandbox.services import identity_providers
from cvmimg.sandbox.state.kinds import ApiObject, IdentityProvider

_ALGORITHM = "RS256"
_SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")
"""What PKCS #1 puts before a SHA-256 digest."""


class InvalidToken(ValueError):
    """A token that is not valid."""


def verify(token: str, provider: IdentityProvider, now: float) -> dict[str, Any]:
    """Return the claims of a token.

    Args:
        token: header, claims and signature.
        provider: the identity provider that is said to have issued it.
        now: the real time, by which tokens are issued and expire, in seconds since the epoch.

    Raises:
        InvalidToken: its signature, issuer, audience or time is wrong.
    """
    signed, _, signature = token.rpartition(".")
    header, _, payload = signed.partition(".")
    algorithm = _json(header)
    if algorithm.get("alg") != _ALGORITHM:
        raise InvalidToken("the algorithm is not RS256")
    keys = identity_providers.public_keys(provider["IdentityKey"])
    named = [key for key in keys if key.get("kid") == algorithm.get("kid")]
    if not any(_is_signed(signed, _bytes(signature), key) for key in named):
        raise InvalidToken("the signature is wrong")
    claims = _json(payload)
    _check(claims, provider, now)
    return claims


def _check(claims: ApiObject, provider: IdentityProvider, now: float) -> None:
    if claims.get("iss") != provider["IdentityUrl"]:
        raise InvalidToken("the issuer is another one")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if not any(each in provider["ClientId"] for each in audiences):
        raise InvalidToken("the audience is another one")
    expires, begins = claims.get("exp"), claims.get("nbf", 0)
    if not isinstance(expires, (int, float)) or not isinstance(begins, (int, float)):
        raise InvalidToken("exp or nbf is no time")
    if not begins <= now < expires:
        raise InvalidToken("it has expired, or is not valid yet")


def _is_signed(text: str, signature: bytes, key: ApiObject) -> bool:
    """Return whether the signature of ``text`` is that of the key (RSASSA-PKCS1-v1_5)."""
    modulus, exponent = (int.from_bytes(_bytes(key[part]), "big") for part in ("n", "e"))
    length = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(signature, "big")
    if len(signature) != length or number >= modulus:
        return False
    digest = _SHA256_PREFIX + hashlib.sha256(text.encode()).digest()
    padding = b"\xff" * (length - len(digest) - 3)
    expected = b"\x00\x01" + padding + b"\x00" + digest
    return hmac.compare_digest(pow(number, exponent, modulus).to_bytes(length, "big"), expected)


def _json(part: str) -> dict[str, Any]:
    try:
        value = json.loads(_bytes(part))
    except (ValueError, RecursionError) as error:
        raise InvalidToken("it is no JSON Web Token") from error
    if not isinstance(value, dict):
        raise InvalidToken("it is no JSON Web Token")
    return value


def _bytes(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise InvalidToken("it is not in base64url") from error
