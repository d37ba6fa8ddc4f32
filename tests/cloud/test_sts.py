"""The account behind the credentials."""

from __future__ import annotations

import pytest

from cvmimg.cloud.client import Cloud
from cvmimg.cloud.sts import account_id
from cvmimg.errors import CredentialsError
from tests.support.api import ScriptedApi


def test_the_account_is_known(api: ScriptedApi, cloud: Cloud) -> None:
    api.answers("GetCallerIdentity", AccountId="100000000001")
    assert account_id(cloud) == "100000000001"


@pytest.mark.parametrize(
    "code", ["UnauthorizedOperation", "AuthFailure.UnauthorizedOperation", "InvalidAction"]
)
def test_an_account_that_may_not_be_asked_for_is_unknown(
    api: ScriptedApi, cloud: Cloud, code: str
) -> None:
    api.refuses("GetCallerIdentity", code)
    assert account_id(cloud) == ""


@pytest.mark.parametrize("code", ["AuthFailure.TokenFailure", "AuthFailure.SecretIdNotFound"])
def test_credentials_that_no_longer_work_are_an_error(
    api: ScriptedApi, cloud: Cloud, code: str
) -> None:
    api.refuses("GetCallerIdentity", code)
    with pytest.raises(CredentialsError):
        account_id(cloud)
