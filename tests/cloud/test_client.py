"""How the client sorts what goes wrong, and what it repeats.

The answers are written by hand here because the sandbox must never give such answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
import requests
import responses
from urllib3.exceptions import MaxRetryError, NewConnectionError

from cvmimg.cloud import cvm
from cvmimg.cloud.client import ApiCall, Cloud, Endpoint
from cvmimg.cloud.credentials import Credentials
from cvmimg.errors import (
    CloudRefused,
    CredentialsError,
    CvmimgError,
    NotFound,
    OutcomeUnknown,
    Unreachable,
    UsageError,
)
from tests.support.clock import FakeClock

URL = "https://cvm.tencentcloudapi.com/"
HTML = "<html><body>502 Bad Gateway</body></html>"


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def calls() -> list[ApiCall]:
    return []


@pytest.fixture
def cloud(calls: list[ApiCall]) -> Cloud:
    return Cloud.connect(
        Credentials("AKIDexample", "secret-key"),
        "ap-guangzhou",
        clock=FakeClock(),
        on_call=calls.append,
    )


def answers(wire: responses.RequestsMock, **body: object) -> None:
    wire.post(URL, json={"Response": {**body, "RequestId": "req-1"}})


def refusal(wire: responses.RequestsMock, code: str, message: str = "no") -> None:
    answers(wire, Error={"Code": code, "Message": message})


def refused_connection() -> requests.ConnectionError:
    reason = NewConnectionError(None, "Connection refused")  # type: ignore[arg-type]
    return requests.ConnectionError(MaxRetryError(None, URL, reason))  # type: ignore[arg-type]


def test_a_read_is_repeated_until_the_service_recovers(
    wire: responses.RequestsMock, cloud: Cloud, calls: list[ApiCall]
) -> None:
    wire.post(URL, status=502, body=HTML, content_type="text/html")
    refusal(wire, "InternalError")
    answers(wire, ImageNumQuota=10)
    assert cvm.describe_image_quota(cloud) == 10
    assert [call.outcome for call in calls] == ["UnexpectedAnswer", "InternalError", "ok"]


def test_a_read_is_given_up_after_four_attempts(
    wire: responses.RequestsMock, cloud: Cloud, calls: list[ApiCall]
) -> None:
    wire.post(URL, body=requests.ReadTimeout("read timed out"))
    with pytest.raises(Unreachable) as caught:
        cvm.describe_image_quota(cloud)
    assert caught.value.message.code == "NoAnswer"
    assert len(calls) == 4


def test_a_proxy_that_fails_is_named_as_the_reason(
    wire: responses.RequestsMock, cloud: Cloud
) -> None:
    wire.post(URL, body=requests.exceptions.ProxyError("Connection refused"))
    with pytest.raises(Unreachable) as caught:
        cvm.describe_image_quota(cloud)
    assert (caught.value.message.code, caught.value.code) == ("ProxyFailed", "Unreachable")


def test_a_connection_that_cannot_be_made_is_reported_without_the_librarys_internals() -> None:
    cloud = Cloud.connect(
        Credentials("AKIDexample", "secret-key"),
        "ap-guangzhou",
        endpoint=Endpoint.parse("http://127.0.0.1:9"),
        clock=FakeClock(),
    )
    with pytest.raises(Unreachable) as caught:
        cvm.describe_image_quota(cloud)
    message = caught.value.message
    assert (message.code, message.params["host"]) == ("Unreachable", "127.0.0.1:9")
    assert message.params["reason"].startswith("Failed to establish")
    assert "Connection(" not in message.params["reason"]


def test_throttling_is_waited_out_for_writes_too(
    wire: responses.RequestsMock, cloud: Cloud
) -> None:
    for _ in range(5):
        refusal(wire, "RequestLimitExceeded")
    answers(wire, ImageId="img-12345678")
    assert cvm.create_image(cloud, {"ImageName": "x"}) == "img-12345678"


def test_an_answer_without_its_fields_is_not_an_answer(
    wire: responses.RequestsMock, cloud: Cloud
) -> None:
    answers(wire)
    answers(wire, ImageSet=None, TotalCount=0)

    assert cvm.describe_images(cloud) == []
    assert len(wire.calls) == 2


def test_an_image_without_an_id_may_be_in_progress(
    wire: responses.RequestsMock, cloud: Cloud
) -> None:
    answers(wire, ImageId="")

    with pytest.raises(OutcomeUnknown):
        cvm.create_image(cloud, {"ImageName": "web-v2"})
    assert len(wire.calls) == 1


def test_a_write_that_never_left_is_sent_again(wire: responses.RequestsMock, cloud: Cloud) -> None:
    wire.post(URL, body=refused_connection())
    answers(wire, ImageId="img-12345678")
    assert cvm.create_image(cloud, {"ImageName": "x"}) == "img-12345678"


@pytest.mark.parametrize(
    "lose_the_answer",
    [
        pytest.param(lambda w: w.post(URL, body=requests.ReadTimeout("x")), id="time-out"),
        pytest.param(
            lambda w: w.post(URL, body=requests.ConnectionError("reset")), id="connection cut"
        ),
        pytest.param(lambda w: w.post(URL, status=502, body=HTML), id="HTTP 502"),
        pytest.param(
            lambda w: w.post(URL, body='{"Response": {"Im', content_type="application/json"),
            id="cut JSON",
        ),
        pytest.param(
            lambda w: w.post(URL, body=HTML, content_type="text/html"), id="HTML with status 200"
        ),
        pytest.param(lambda w: refusal(w, "InternalError.Unknown"), id="InternalError"),
        pytest.param(lambda w: w.post(URL, json={"hello": 1}), id="no Response"),
    ],
)
def test_a_write_whose_answer_is_lost_is_sent_once_and_said_to_be_unknown(
    wire: responses.RequestsMock,
    cloud: Cloud,
    calls: list[ApiCall],
    lose_the_answer: Callable[[responses.RequestsMock], object],
) -> None:
    lose_the_answer(wire)
    with pytest.raises(OutcomeUnknown):
        cvm.create_image(cloud, {"ImageName": "x"})
    assert len(calls) == 1


def test_a_lost_response_is_not_forgotten_when_the_network_never_returns(
    wire: responses.RequestsMock, cloud: Cloud, calls: list[ApiCall]
) -> None:
    wire.post(URL, body=requests.ReadTimeout("lost"))
    wire.post(URL, body=refused_connection())
    with pytest.raises(OutcomeUnknown):
        cvm.run_instances(cloud, {"ImageId": "img-12345678", "ClientToken": "t"})
    assert len(calls) == 4


@pytest.mark.parametrize(
    ("code", "error_type"),
    [
        ("AuthFailure.SignatureFailure", CredentialsError),
        ("AuthFailure.SecretIdNotFound", CredentialsError),
        ("UnauthorizedOperation.PermissionDenied", CredentialsError),
        ("InvalidInstanceId.NotFound", NotFound),
        ("InvalidImageId.NotFound", NotFound),
        ("UnsupportedRegion", UsageError),
        ("ImageQuotaLimitExceeded", CloudRefused),
        ("OperationDenied.InstanceOperationInProgress", CloudRefused),
    ],
)
def test_a_refusal_keeps_its_code_and_request_id(
    wire: responses.RequestsMock, cloud: Cloud, code: str, error_type: type[CvmimgError]
) -> None:
    refusal(wire, code, "because")
    with pytest.raises(error_type, match="because") as caught:
        cvm.create_image(cloud, {"ImageName": "x"})
    assert (caught.value.code, caught.value.request_id) == (code, "req-1")


def test_a_dry_run_that_would_pass_is_not_an_error(
    wire: responses.RequestsMock, cloud: Cloud
) -> None:
    refusal(wire, "DryRunOperation")
    cvm.dry_run(cloud, "CreateImage", {"ImageName": "x"})
    assert json.loads(wire.calls[0].request.body or "")["DryRun"] is True


def test_pages_are_all_read_and_doubled_items_are_dropped(
    wire: responses.RequestsMock, cloud: Cloud
) -> None:
    def page(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        body = json.loads(request.body or "")
        offset = body["Offset"]
        # The second page starts one early, as when an image is made while the pages are read.
        start = max(0, offset - 1)
        images = [{"ImageId": f"img-{n:08}"} for n in range(start, min(start + 100, 250))]
        answer = {"Response": {"ImageSet": images, "TotalCount": 250, "RequestId": "r"}}
        return 200, {"Content-Type": "application/json"}, json.dumps(answer)

    wire.add_callback(responses.POST, URL, callback=page)
    images = cvm.describe_images(cloud)
    assert len({image.image_id for image in images}) == len(images) == 250
    assert len(wire.calls) == 3


def test_nulls_unknown_and_missing_fields_are_survived(
    wire: responses.RequestsMock, cloud: Cloud
) -> None:
    image = {
        "ImageId": "img-12345678",
        "_ImageClass": "x",
        "Tags": [{"tagKey": "a", "tagValue": "b", "Key": "a", "Value": "b"}],
        "SnapshotSet": None,
        "CreatedTime": None,
        "CreatePercent": 30,
    }
    answers(wire, ImageSet=[image], TotalCount=1)
    read = cvm.describe_image(cloud, "img-12345678")
    assert (read.tag_map, read.snapshot_set, read.progress) == ({"a": "b"}, (), 30)


@pytest.mark.parametrize(
    ("field", "answer"),
    [
        ("ImageSize", {"ImageSet": [{"ImageId": "img-12345678", "ImageSize": "large"}]}),
        ("ImageSet", {"ImageSet": 5}),
        ("Image", {"ImageSet": ["img-12345678"]}),
        ("TotalCount", {"TotalCount": "many"}),
    ],
)
def test_an_answer_of_other_types_is_not_the_apis(
    wire: responses.RequestsMock, cloud: Cloud, field: str, answer: dict[str, object]
) -> None:
    answers(wire, **answer)
    with pytest.raises(Unreachable) as caught:
        cvm.describe_images(cloud)
    assert caught.value.message.params["field"] == field


def test_the_secret_key_is_never_shown(
    wire: responses.RequestsMock, cloud: Cloud, calls: list[ApiCall]
) -> None:
    refusal(wire, "AuthFailure.SignatureFailure")
    with pytest.raises(CredentialsError) as caught:
        cvm.describe_image_quota(cloud)
    shown = repr(cloud.credentials) + repr(calls) + repr(vars(caught.value))
    assert "secret-key" not in shown


@pytest.mark.parametrize(
    "url",
    ["http://cvm.example.com", "ftp://127.0.0.1", "http://", "https://h/path", "http://[::1", ""],
)
def test_an_endpoint_that_cannot_be_right_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Endpoint.parse(url)
    assert caught.value.code in ("EndpointInvalid", "EndpointInsecure")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:1"])
def test_plain_http_is_for_this_machine_alone(url: str) -> None:
    assert Endpoint.parse(url).loopback
