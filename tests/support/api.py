"""A scripted API: hand-written answers by action, for what the sandbox must not be able to say."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import Any

import responses
from requests import PreparedRequest

from cvmimg.cloud.client import Cloud
from cvmimg.cloud.credentials import Credentials
from tests.support.clock import FakeClock

REGION = "ap-guangzhou"


class ScriptedApi:
    """Answers calls of an action in turn; the last answer is repeated.

    Attributes:
        requests: all calls: action and parameters.
        hosts: where each call went.
        signers: the secret id that each call was signed with; "SKIP" for unsigned ones.
    """

    def __init__(self, wire: responses.RequestsMock) -> None:
        self._answers: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.hosts: list[str] = []
        self.signers: list[str] = []
        wire.add_callback(
            responses.POST, re.compile(r"https://[a-z0-9.-]+\.tencentcloudapi\.com/"), self._answer
        )

    def answers(self, action: str, **body: Any) -> None:
        """Answer the next call of ``action`` with these fields."""
        self._answers[action].append(body)

    def refuses(self, action: str, code: str, message: str = "no") -> None:
        """Refuse the next call of ``action``."""
        self.answers(action, Error={"Code": code, "Message": message})

    def forget(self, action: str) -> None:
        """Forget the answers that were written for ``action``."""
        self._answers[action].clear()

    def sent(self, action: str) -> list[dict[str, Any]]:
        """Return the parameters of all calls of ``action``."""
        return [params for name, params in self.requests if name == action]

    def _answer(self, request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        action = request.headers["X-TC-Action"]
        self.requests.append((action, json.loads(request.body or "{}")))
        self.hosts.append(request.headers["Host"])
        authorization = request.headers["Authorization"]
        signer = re.search(r"Credential=([^/]+)/", authorization)
        self.signers.append(signer[1] if signer else authorization)
        scripted = self._answers[action]
        assert scripted, f"no answer was written for {action}"
        body = scripted.pop(0) if len(scripted) > 1 else scripted[0]
        answer = {"Response": {**body, "RequestId": f"req-{len(self.requests)}"}}
        return 200, {"Content-Type": "application/json"}, json.dumps(answer)


def scripted_cloud(**more: Any) -> Cloud:
    """A cloud whose answers a ``ScriptedApi`` gives."""
    credentials = Credentials("AKIDexample", "secret-key")
    return Cloud.connect(credentials, REGION, clock=FakeClock(), **more)
