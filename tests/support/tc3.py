"""A client of a few lines that signs as the documents of TC3-HMAC-SHA256 say.

Independent of the SDK, so that a test can send what no SDK would.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from cvmimg.sandbox.wire import description
from cvmimg.sandbox.wire.http import HttpRequest, HttpResponse


@dataclass
class Client:
    """Signs and sends.

    Attributes:
        handle: the sandbox.
        now: what the client believes the time to be, in seconds since the epoch.
        extra: headers to add or, with None, to leave out, after signing.
    """

    handle: Callable[[HttpRequest], HttpResponse]
    secret_id: str
    secret_key: str
    now: float
    token: str = ""
    region: str = "ap-guangzhou"
    language: str = "en-US"
    host: str = "cvm.tencentcloudapi.com"
    extra: Mapping[str, str | None] = field(default_factory=dict)

    def call(self, service: str, action: str, **params: Any) -> dict[str, Any]:
        """The object "Response" of the answer."""
        response = self.handle(self.request(service, action, params))
        answer: dict[str, Any] = json.loads(response.body)["Response"]
        return answer

    def code(self, service: str, action: str, **params: Any) -> str:
        """The code of the answer's error, or "ok"."""
        answer = self.call(service, action, **params)
        code: str = answer.get("Error", {}).get("Code", "ok")
        return code

    def request(
        self,
        service: str,
        action: str,
        params: Mapping[str, Any] | bytes,
        *,
        scope: str | None = None,
        version: str | None = None,
    ) -> HttpRequest:
        """A signed request.

        Args:
            service: decides the version, and the scope where none is given.
            action: as in X-TC-Action.
            params: the body: an object, or bytes as they are.
            scope: the service in the credential scope.
            version: as in X-TC-Version.
        """
        body = params if isinstance(params, bytes) else json.dumps(params).encode()
        timestamp = str(int(self.now))
        headers = {
            "Host": self.host,
            "Content-Type": "application/json",
            "X-TC-Action": action,
            "X-TC-Version": version or description.load(service).version,
            "X-TC-Timestamp": timestamp,
            "X-TC-Region": self.region,
            "X-TC-Language": self.language,
            "X-TC-Token": self.token,
        }
        headers["Authorization"] = self._authorization(headers, body, scope or service)
        sent = {k: v for k, v in {**headers, **self.extra}.items() if v}
        return HttpRequest.of("POST", "/", sent, body)

    def _authorization(self, headers: Mapping[str, str], body: bytes, service: str) -> str:
        date = datetime.fromtimestamp(int(self.now), timezone.utc).strftime("%Y-%m-%d")
        canonical = (
            "POST\n/\n\n"
            f"content-type:{headers['Content-Type']}\nhost:{headers['Host']}\n\n"
            f"content-type;host\n{hashlib.sha256(body).hexdigest()}"
        )
        scope = f"{date}/{service}/tc3_request"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"TC3-HMAC-SHA256\n{headers['X-TC-Timestamp']}\n{scope}\n{digest}"
        key = f"TC3{self.secret_key}".encode()
        for part in (date, service, "tc3_request", text):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return (
            f"TC3-HMAC-SHA256 Credential={self.secret_id}/{scope}, "
            f"SignedHeaders=content-type;host, Signature={key.hex()}"
        )
