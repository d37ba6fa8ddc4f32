"""The official libraries with each of their methods of signature."""

from __future__ import annotations

import pytest

from cvmimg.sandbox import Sandbox
from tests.interop.clients import METHODS, Client, NodeSdk, Refused, TypedSdk

pytestmark = [
    pytest.mark.interop,
    pytest.mark.filterwarnings("ignore:.*fileds are useless"),
]


def check(client: Client) -> None:
    """Call with nested lists and objects, with text that has to be encoded, and with an error."""
    wanted = {"Filters": [{"Name": "image-name", "Values": ["web-v1", "a b/c&ü"]}], "Limit": 5}
    found = client.call("cvm", "DescribeImages", wanted)["ImageSet"]
    assert [image["ImageId"] for image in found] == ["img-webv1000"]
    asked = {"InstanceId": "ins-web00001", "ImageName": "a b/c&ü=+%"}
    image_id = client.call("cvm", "CreateImage", asked)["ImageId"]
    (image,) = client.call("cvm", "DescribeImages", {"ImageIds": [image_id]})["ImageSet"]
    assert image["ImageName"] == asked["ImageName"]
    with pytest.raises(Refused) as refused:
        client.call("cvm", "DescribeImages", {"Limit": 1000})
    assert refused.value.code == "InvalidParameterValue.InvalidParameterValueLimit"


@pytest.mark.client("Python SDK")
@pytest.mark.parametrize("http_method", ["POST", "GET"])
@pytest.mark.parametrize("method", METHODS)
def test_the_python_sdk(sandbox: Sandbox, method: str, http_method: str) -> None:
    check(TypedSdk(sandbox, method, http_method))


@pytest.mark.client("Node.js SDK")
@pytest.mark.usefixtures("node_modules")
@pytest.mark.parametrize("method", METHODS)
def test_the_node_sdk(sandbox: Sandbox, method: str) -> None:
    with NodeSdk(sandbox, method) as client:
        check(client)


@pytest.mark.client("@tencent-sdk/capi")
@pytest.mark.usefixtures("node_modules")
@pytest.mark.parametrize("method", ["capi-sha1", "capi-sha256", "capi-v3"])
def test_capi(sandbox: Sandbox, method: str) -> None:
    with NodeSdk(sandbox, method) as client:
        check(client)
