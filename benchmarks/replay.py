"""Make recorded API calls one after the other with the typed SDK: the peer of ``cvmimg create``.

Runs in the peers' environment, which has the SDK of every product. The recording is a JSON array of
``{"service", "version", "action", "params"}`` in the environment variable CALLS; the arguments are
the names of the images to make. Prints how many seconds the calls for the last one took.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from typing import Any
from urllib.parse import urlsplit


def main() -> None:
    """Make the calls for each name."""
    calls = json.loads(os.environ["CALLS"])
    for name in sys.argv[1:]:
        started = time.perf_counter()
        make(calls, name)
        seconds = time.perf_counter() - started
    print(seconds)


def make(calls: list[dict[str, Any]], name: str) -> None:
    """Make the calls over new connections, for an image of this name."""
    clients: dict[str, tuple[Any, Any]] = {}
    for call in calls:
        service, version, params = call["service"], call["version"], call["params"]
        if service not in clients:
            clients[service] = connect(service, version)
        client, models = clients[service]
        request = getattr(models, call["action"] + "Request")()
        renamed = {"ImageName": name} if "ImageName" in params else {}
        request.from_json_string(json.dumps({**params, **renamed}))
        send(client, call["action"], request)


def send(client: Any, action: str, request: Any) -> None:
    """Make a call; a dry run that would go through is answered with an error of its own."""
    from tencentcloud.common.exception import TencentCloudSDKException

    try:
        getattr(client, action)(request)
    except TencentCloudSDKException as error:
        if error.get_code() != "DryRunOperation":
            raise


def connect(service: str, version: str) -> tuple[Any, Any]:
    """A typed client of a service, and the module with its requests' types."""
    from tencentcloud.common.credential import Credential
    from tencentcloud.common.profile.client_profile import ClientProfile
    from tencentcloud.common.profile.http_profile import HttpProfile

    package = f"tencentcloud.{service}.v{version.replace('-', '')}"
    module = importlib.import_module(f"{package}.{service}_client")
    models = importlib.import_module(f"{package}.models")
    endpoint = urlsplit(os.environ["CVMIMG_ENDPOINT"])
    credential = Credential(
        os.environ["TENCENTCLOUD_SECRET_ID"], os.environ["TENCENTCLOUD_SECRET_KEY"]
    )
    profile = ClientProfile(
        httpProfile=HttpProfile(protocol=endpoint.scheme, endpoint=endpoint.netloc, keepAlive=True)
    )
    client = getattr(module, f"{service.capitalize()}Client")
    return client(credential, os.environ["TENCENTCLOUD_REGION"], profile), models


if __name__ == "__main__":
    main()
