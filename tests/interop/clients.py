"""Unmodified clients of others, each as a function from an action to its answer."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from cvmimg.sandbox import Sandbox
from cvmimg.sandbox.wire import description
from tests.support import tccli

NODE = Path(__file__).parent / "node"

REGION = "ap-guangzhou"


class Refused(Exception):
    """The answer was an error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class Client(Protocol):
    """A client."""

    def call(
        self, service: str, action: str, params: Mapping[str, Any], region: str = REGION
    ) -> dict[str, Any]:
        """Return the answer's members.

        Raises:
            Refused: the answer is an error.
        """


class Tccli:
    """The official CLI, over HTTP."""

    _ERROR = re.compile(r"code:\s*(\S+?)\s+message:\s*(.*)", re.DOTALL)

    def __init__(self, sandbox: Sandbox, home: Path) -> None:
        self._binary = tccli.needs_binary()
        self._url = sandbox.serve().url
        self._home = home
        secret_id, secret_key = sandbox.credentials()
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TENCENTCLOUD_SECRET_ID": secret_id,
            "TENCENTCLOUD_SECRET_KEY": secret_key,
        }

    def call(
        self, service: str, action: str, params: Mapping[str, Any], region: str = REGION
    ) -> dict[str, Any]:
        command = [self._binary, service, action, "--region", region, "--endpoint", self._url]
        command += ["--language", "en-US", "--cli-input-json", self._file(params)]
        done = subprocess.run(
            command, env=self._environment, capture_output=True, text=True, timeout=120
        )
        refused = self._ERROR.search(done.stdout + done.stderr)
        if refused:
            raise Refused(refused[1], refused[2])
        assert done.returncode == 0, done.stdout + done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def _file(self, params: Mapping[str, Any]) -> str:
        """Write the parameters to a file; return its argument."""
        path = self._home / "params.json"
        path.write_text(json.dumps(params), encoding="utf-8")
        return f"file://{path}"


METHODS = ("TC3-HMAC-SHA256", "HmacSHA256", "HmacSHA1")
"""The methods of signature of the official SDKs."""


class TypedSdk:
    """The official Python SDK's typed clients, in this process without a socket."""

    def __init__(
        self, sandbox: Sandbox, method: str = METHODS[0], http_method: str = "POST"
    ) -> None:
        self._sandbox = sandbox
        self._profile = (method, http_method)

    def call(
        self, service: str, action: str, params: Mapping[str, Any], region: str = REGION
    ) -> dict[str, Any]:
        from tencentcloud.common.credential import Credential
        from tencentcloud.common.exception import TencentCloudSDKException
        from tencentcloud.common.profile.client_profile import ClientProfile
        from tencentcloud.common.profile.http_profile import HttpProfile

        version = "v" + description.load(service).version.replace("-", "")
        home = f"tencentcloud.{service}.{version}"
        models = importlib.import_module(f"{home}.models")
        clients = importlib.import_module(f"{home}.{service}_client")
        credential = Credential(*self._sandbox.credentials())
        method, http_method = self._profile
        profile = ClientProfile(method, HttpProfile(reqMethod=http_method))
        client = getattr(clients, f"{service.capitalize()}Client")(credential, region, profile)
        client.request.conn._session.mount("https://", self._sandbox.adapter())
        request = getattr(models, f"{action}Request")()
        request.from_json_string(json.dumps(params))
        try:
            response = getattr(client, action)(request)
        except TencentCloudSDKException as error:
            raise Refused(error.code, error.message) from error
        answer: dict[str, Any] = json.loads(response.to_json_string())
        return answer


class NodeSdk:
    """The official Node.js libraries, over HTTP, in a process of their own.

    Args:
        sandbox: what is called.
        method: one of ``METHODS``; or "capi-sha1", "capi-sha256" or "capi-v3", for
            @tencent-sdk/capi.
    """

    def __init__(self, sandbox: Sandbox, method: str = METHODS[0]) -> None:
        self._method = method
        secret_id, secret_key = sandbox.credentials()
        self._process = subprocess.Popen(
            ["node", NODE / "call.js"],
            env={
                "PATH": os.environ["PATH"],
                "ENDPOINT": sandbox.serve().url.removeprefix("http://"),
                "TENCENTCLOUD_SECRET_ID": secret_id,
                "TENCENTCLOUD_SECRET_KEY": secret_key,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def call(
        self, service: str, action: str, params: Mapping[str, Any], region: str = REGION
    ) -> dict[str, Any]:
        asked = {
            "service": service,
            "version": description.load(service).version,
            "region": region,
            "action": action,
            "params": params,
            "method": self._method,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the Node.js process ended"
        answer: dict[str, Any] = json.loads(line)
        if "Error" in answer:
            raise Refused(answer["Error"]["Code"], answer["Error"]["Message"])
        return answer

    def __enter__(self) -> NodeSdk:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()
