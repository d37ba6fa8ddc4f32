"""An identity provider for tests: issues tokens, and serves them as GitHub Actions does."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

URL = "https://token.actions.githubusercontent.com"
AUDIENCE = "sts.tencentcloudapi.com"
SUBJECT = "repo:shop/web:ref:refs/heads/main"
PROVIDER = "github"
_KEY_ID = "test-key"
_EXPONENT = 65537
# A key of nobody's, made for these tests.
_MODULUS = int(
    "b073d2493d86eee42d9c96485eb8d23385057b3c2fe48ea10de9e29ae0ec227497481714834f"
    "083ade0c6866620d808fabd9375f4c8a99c5be1b68ba4028886d2f36023e18d2788fd658f76f"
    "7a572277995cf633a6e6af3af38c97958d3faf908b740ef29b5bfceebabd1aa375d6c5851c6d"
    "ad9c14d2df9def15593b69a2f2738dd535c17107f5f06e7a4d830caee89fab2d9ad24d0934c5"
    "1380a64e02405e09b5e545094ba3b3d25b75a100f47d36a58f4be50960e985275089834273f8"
    "3f2bc90e5cf3592771c240342d58cf66a66bc03c61f78aca2f057453126d92496782192d4f55"
    "c58df8daf1941dc6d8376fc41f913bb3fb46bafbb8a05a054d2157a1",
    16,
)
_PRIVATE = int(
    "b1c553d6f61090c82781303c8e8725e9ec852e8ddf5d255547ef459deed2a2e3fe860d655d3a"
    "ad254c66091dc7d6529a6c9d806bed7160a5c32204cba057e070200b09b75b755b2c39879317"
    "7cea21e4dcb36102d38e6b270eb85655158ea967b717a0f7a0b8cc856272f7f8e1d514aa9c39"
    "8e449c60d769b10b3bc5dfbce05b06bcc642755fc69dd2d167e140af8d117284f0335584bd3b"
    "538ff183d59cb069f0f0ef3bce01f47a7d2bb138e9fb6ee316eb7b44dccd60f1a24946bcc273"
    "7d1b5c89dbc30b403ada7ba6aa7a5cbebef2176e24b878d7e132b53739bdf2c44269c025e076"
    "0271ed7ae88498f53df0081126e210dff78cf8b47de56905fce041",
    16,
)
_SHA256_PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")


class Issuer:
    """Issues tokens of the form that GitHub's have.

    Args:
        subject: whose tokens they are.
    """

    def __init__(self, subject: str = SUBJECT) -> None:
        self._subject = subject
        self.requests: list[str] = []

    @property
    def identity_key(self) -> str:
        """Its public keys, as CreateOIDCConfig takes them."""
        size = (_MODULUS.bit_length() + 7) // 8
        key = {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": _KEY_ID,
            "n": _encoded(_MODULUS.to_bytes(size, "big")),
            "e": _encoded(_EXPONENT.to_bytes(3, "big")),
        }
        return base64.b64encode(json.dumps({"keys": [key]}).encode()).decode()

    def token(
        self, now: float | None = None, *, header: Mapping[str, Any] = {}, **claims: Any
    ) -> str:
        """Return a signed token; ``claims`` and ``header`` replace what is usual."""
        begun = time.time() if now is None else now
        usual = {
            "iss": URL,
            "aud": AUDIENCE,
            "sub": self._subject,
            "nbf": int(begun) - 60,
            "iat": int(begun),
            "exp": int(begun) + 300,
        }
        first = {"alg": "RS256", "typ": "JWT", "kid": _KEY_ID, **header}
        text = f"{_part(first)}.{_part({**usual, **claims})}"
        return f"{text}.{_encoded(_signature(text))}"

    @contextmanager
    def served(self, bearer: str = "runner-token") -> Iterator[dict[str, str]]:
        """Serve tokens to a job; yields the variables that the runner gives it."""
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.requests.append(self.path)
                allowed = self.headers.get("Authorization") == f"bearer {bearer}"
                audience = parse_qs(urlsplit(self.path).query).get("audience", [""])[0]
                body = json.dumps({"value": issuer.token(aud=audience)} if allowed else {})
                self.send_response(200 if allowed else 401)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield {
                "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://127.0.0.1:{server.server_port}/?v=1",
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN": bearer,
            }
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


def trust_policy(account: str, *, subject: str = SUBJECT, operator: str = "string_equal") -> str:
    """The trust policy that the docs offer."""
    statement = {
        "effect": "allow",
        "action": "name/sts:AssumeRoleWithWebIdentity",
        "principal": {"federated": [f"qcs::cam::uin/{account}:oidc-provider/{PROVIDER}"]},
        "condition": {
            "string_equal": {"oidc:iss": [URL], "oidc:aud": [AUDIENCE]},
            operator: {"oidc:iss": [URL], "oidc:aud": [AUDIENCE], "oidc:sub": [subject]},
        },
    }
    return json.dumps({"version": "2.0", "statement": [statement]})


def _signature(text: str) -> bytes:
    size = (_MODULUS.bit_length() + 7) // 8
    digest = _SHA256_PREFIX + hashlib.sha256(text.encode()).digest()
    padded = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
    return pow(int.from_bytes(padded, "big"), _PRIVATE, _MODULUS).to_bytes(size, "big")


def _part(values: Mapping[str, Any]) -> str:
    return _encoded(json.dumps(values).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
