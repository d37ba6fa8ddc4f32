"""A sandbox served over TLS, and the environment in which programs of others reach it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from cvmimg.sandbox import Sandbox

_TRUST = """
import os
try:
    import certifi
except ImportError:
    pass
else:
    certifi.where = lambda: os.environ["SSL_CERT_FILE"]
"""
"""Makes Python programs trust the authority as if it were in certifi's file of authorities."""


class Served:
    """A sandbox that programs reach as ``*.tencentcloudapi.com`` through a proxy.

    Args:
        sandbox: what is served.
        home: a folder of its own for the programs.
    """

    def __init__(self, sandbox: Sandbox, home: Path) -> None:
        self.sandbox = sandbox
        self.url = sandbox.serve(tls=True).url
        self.home = home
        self.authority = sandbox.authority
        (home / "python").mkdir()
        (home / "python" / "sitecustomize.py").write_text(_TRUST)

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment variables of a program."""
        secret_id, secret_key = self.sandbox.credentials()
        authority = str(self.authority)
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TENCENTCLOUD_SECRET_ID": secret_id,
            "TENCENTCLOUD_SECRET_KEY": secret_key,
            "TENCENTCLOUD_REGION": "ap-guangzhou",
            "HTTPS_PROXY": self.url,
            "HTTP_PROXY": self.url,
            "SSL_CERT_FILE": authority,
            "REQUESTS_CA_BUNDLE": authority,
            "NODE_EXTRA_CA_CERTS": authority,
            "PYTHONPATH": str(self.home / "python"),
            **more,
        }

    def run(self, command: Sequence[str | Path], **environment: str) -> str:
        """Run a program that must succeed; return what it printed."""
        done = subprocess.run(
            command,
            env=self.environment(**environment),
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def actions(self) -> set[str]:
        """Return the API actions that were called and succeeded."""
        return {call["action"] for call in self.sandbox.call_log.read() if not call["code"]}
