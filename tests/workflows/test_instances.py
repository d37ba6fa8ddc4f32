"""Finding and listing instances, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cvmimg.cloud import cvm
from cvmimg.durable.session import Session
from cvmimg.errors import NotFound, UsageError
from cvmimg.workflows.find_instance import find_instance, find_instance_id
from cvmimg.workflows.list_instances import InstanceQuery, list_instances
from tests.support.lab import Lab


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


@pytest.fixture
def session(lab: Lab) -> Session:
    return lab.session()


@pytest.mark.parametrize("reference", ["ins-web00001", "web-1"])
def test_an_instance_is_found_by_id_and_by_name(session: Session, reference: str) -> None:
    assert find_instance(session.cloud, reference).instance_id == "ins-web00001"
    assert find_instance_id(session.cloud, reference) == "ins-web00001"


@pytest.mark.parametrize("reference", ["ins-gone0001", "web", "WEB-1", "ins"])
def test_an_instance_that_does_not_exist_is_not_found(session: Session, reference: str) -> None:
    with pytest.raises(NotFound):
        find_instance(session.cloud, reference)


def test_a_name_of_several_instances_lists_them(session: Session) -> None:
    image = cvm.describe_images(session.cloud, name="web-v1")[0]
    placement = {"Zone": "ap-guangzhou-7"}
    request = {"ImageId": image.image_id, "Placement": placement, "InstanceName": "web-1"}
    (twin,) = cvm.run_instances(session.cloud, request)
    session.clock.sleep(120)
    with pytest.raises(UsageError) as caught:
        find_instance(session.cloud, "web-1")
    assert caught.value.code == "AmbiguousInstance"
    assert sorted(caught.value.message.params["candidates"]) == sorted(
        ["ins-web00001 (RUNNING)", f"{twin} (RUNNING)"]
    )


def test_a_list_says_which_instances_can_be_imaged_while_they_run(session: Session) -> None:
    listed = list_instances(session.cloud, InstanceQuery())
    online = {one.instance.instance_id: one.online for one in listed}
    assert online == {
        **dict.fromkeys(("ins-web00001", "ins-data0001", "ins-nofl0001", "ins-noat0001"), True),
        **dict.fromkeys(("ins-busy0001", "ins-win00001"), True),
        **dict.fromkeys(("ins-old00001", "ins-priv0001", "ins-locl0001"), False),
        **dict.fromkeys(("ins-stop0001", "ins-save0001"), None),
    }
    assert all(bool(one.obstacles) == (one.online is False) for one in listed)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (InstanceQuery(name="web*"), ["ins-web00001"]),
        (InstanceQuery(tags={"team": "shop"}), ["ins-web00001"]),
        (InstanceQuery(image_id="img-basev001"), ["ins-priv0001"]),
        (InstanceQuery(name="W*"), []),
    ],
)
def test_a_list_is_filtered(session: Session, query: InstanceQuery, found: list[str]) -> None:
    listed = list_instances(session.cloud, query)
    assert [one.instance.instance_id for one in listed] == found


def test_a_list_of_all_regions_names_them(session: Session) -> None:
    listed = list_instances(session.cloud, InstanceQuery(name="app-*"), in_all_regions=True)
    assert [(one.region, one.instance.instance_id) for one in listed] == [
        ("ap-shanghai", "ins-full0001")
    ]
