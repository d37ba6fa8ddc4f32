"""The sandbox in a container, for tests that use testcontainers.

podman build -t cvmimg-sandbox ../..

with SandboxContainer() as cloud:
    run_my_tool(endpoint=cloud.endpoint, environment=cloud.environment)
"""

from __future__ import annotations

import re

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

_EXPORT = re.compile(r"^export (TENCENTCLOUD_\w+)=(\S+)$", re.MULTILINE)


class SandboxContainer(DockerContainer):
    """A new sandbox for each use.

    Args:
        image: the image built from the Containerfile.
    """

    def __init__(self, image: str = "cvmimg-sandbox") -> None:
        super().__init__(image)
        self.with_exposed_ports(8080)
        self.waiting_for(LogMessageWaitStrategy("TENCENTCLOUD_REGION").with_startup_timeout(60))
        self.environment: dict[str, str] = {}

    def start(self) -> SandboxContainer:
        """Start it, and wait until it serves."""
        super().start()
        stdout, _ = self.get_logs()
        self.environment = dict(_EXPORT.findall(stdout.decode()))
        return self

    @property
    def endpoint(self) -> str:
        """Return the endpoint for clients: a loopback name, which the sandbox insists on."""
        return f"http://localhost:{self.get_exposed_port(8080)}"
