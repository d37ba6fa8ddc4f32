"""An error on its way up says what it means for the operation, and how to go on."""

from __future__ import annotations

from cvmimg.durable.retold import retold, way_on
from cvmimg.errors import CloudRefused, CredentialsError

RESUME = "cvmimg resume op-20261123-1a2b3c"


def test_a_sentence_of_the_cloud_is_continued_without_its_full_stop() -> None:
    error = CloudRefused("CreateImage was refused: The quota is used up.", code="QuotaExceeded")

    told = retold(error, "ins-web00001 is as it was before", hint=RESUME)

    assert str(told) == told.message
    assert told.message == (
        "CreateImage was refused: The quota is used up; ins-web00001 is as it was before"
    )
    assert (told.code, told.hint) == ("QuotaExceeded", RESUME)


def test_the_way_on_begins_with_new_credentials_where_they_are_missing() -> None:
    assert way_on(CredentialsError("no", hint="get new ones"), RESUME) == f"get new ones\n{RESUME}"
    assert way_on(CloudRefused("no", hint="free a place"), RESUME) == RESUME
