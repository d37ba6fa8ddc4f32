"""Roles are assumed with tokens that their identity provider issued and their policy allows."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from cvmimg.sandbox import OWNER
from tests.sandbox.cloud import Cloud
from tests.support.issuer import AUDIENCE, PROVIDER, URL, Issuer, trust_policy
from tests.support.tc3 import Client

ROLE = f"qcs::cam::uin/{OWNER}:roleName/cvmimg-ci"
TOKEN_ERROR = "InvalidParameter.WebIdentityTokenError"
issuer = Issuer()


@pytest.fixture
def ready(cloud: Cloud) -> Cloud:
    """A cloud with an identity provider, and a role that trusts it."""
    cam(cloud, "CreateOIDCConfig", **provider())
    cam(cloud, "CreateRole", RoleName="cvmimg-ci", PolicyDocument=trust_policy(OWNER))
    return cloud


def provider(**more: Any) -> dict[str, Any]:
    settings = {"IdentityUrl": URL, "ClientId": [AUDIENCE], "IdentityKey": issuer.identity_key}
    return {**settings, "Name": PROVIDER, **more}


def cam(cloud: Cloud, action: str, **params: Any) -> dict[str, Any]:
    answer = cloud.ask(action, params, service="cam")
    assert "Error" not in answer, answer["Error"]
    return answer


def cam_code(cloud: Cloud, action: str, **params: Any) -> str:
    answer = cloud.ask(action, params, service="cam")
    return str(answer.get("Error", {}).get("Code", "ok"))


def assume(cloud: Cloud, token: str, **more: Any) -> dict[str, Any]:
    unsigned = Client(cloud.sandbox.handle, "", "", now=cloud.now, extra={"Authorization": "SKIP"})
    params = {"ProviderId": PROVIDER, "RoleArn": ROLE, "RoleSessionName": "run-1", **more}
    return unsigned.call("sts", "AssumeRoleWithWebIdentity", WebIdentityToken=token, **params)


def code(cloud: Cloud, token: str, **more: Any) -> str:
    return str(assume(cloud, token, **more).get("Error", {}).get("Code", "ok"))


def test_a_token_is_exchanged_for_credentials_of_the_role(ready: Cloud) -> None:
    answer = assume(ready, issuer.token(ready.now), DurationSeconds=3600)
    keys = answer["Credentials"]
    client = Client(
        ready.sandbox.handle, keys["TmpSecretId"], keys["TmpSecretKey"], ready.now, keys["Token"]
    )
    identity = client.call("sts", "GetCallerIdentity")
    assert (identity["AccountId"], identity["UserId"]) == (OWNER, "cvmimg-ci:run-1")
    assert answer["ExpiredTime"] == int(ready.now) + 3600


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example.com"},
        {"aud": "somebody-else"},
        {"aud": []},
        {"exp": 1},
        {"exp": "soon"},
        {"nbf": 9_999_999_999},
        {"header": {"alg": "none"}},
        {"header": {"alg": "HS256"}},
        {"header": {"kid": "another"}},
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(ready: Cloud, claims: dict[str, Any]) -> None:
    assert code(ready, issuer.token(ready.now, **claims)) == TOKEN_ERROR


def test_a_changed_token_is_refused(ready: Cloud) -> None:
    header, payload, signature = issuer.token(ready.now).split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["sub"] = "repo:somebody/else:ref:refs/heads/main"
    forged = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    for token in (
        f"{header}.{forged}.{signature}",
        f"{header}.{payload}.",
        f"{header}.{payload}.{'A' * len(signature)}",
        f"{header}.{payload}",
        "nonsense",
        "é.é.é",
    ):
        assert code(ready, token) == TOKEN_ERROR


def test_the_policy_decides_whose_tokens_are_accepted(ready: Cloud) -> None:
    other = issuer.token(ready.now, sub="repo:shop/web:pull_request")
    assert code(ready, other) == "UnauthorizedOperation"

    like = trust_policy(OWNER, subject="repo:shop/web:*", operator="string_like")
    cam(ready, "UpdateAssumeRolePolicy", RoleName="cvmimg-ci", PolicyDocument=like)
    assert code(ready, other) == "ok"
    assert code(ready, issuer.token(ready.now, sub="repo:x/web:pull_request")) != "ok"


def test_a_role_that_trusts_a_service_trusts_no_token(ready: Cloud) -> None:
    policy = json.loads(trust_policy(OWNER))
    policy["statement"][0]["principal"] = {"service": ["cvm.qcloud.com"]}
    del policy["statement"][0]["condition"]
    document = json.dumps(policy)
    cam(ready, "UpdateAssumeRolePolicy", RoleName="cvmimg-ci", PolicyDocument=document)
    assert code(ready, issuer.token(ready.now)) == "UnauthorizedOperation"


def test_a_denial_beats_a_permission(ready: Cloud) -> None:
    policy = json.loads(trust_policy(OWNER))
    policy["statement"].append({**policy["statement"][0], "effect": "deny"})
    document = json.dumps(policy)
    cam(ready, "UpdateAssumeRolePolicy", RoleName="cvmimg-ci", PolicyDocument=document)
    assert code(ready, issuer.token(ready.now)) == "UnauthorizedOperation"


def test_what_does_not_exist_is_refused(ready: Cloud) -> None:
    token = issuer.token(ready.now)
    stranger = ROLE.replace("cvmimg-ci", "nobody")
    assert code(ready, token, RoleArn=stranger) == "InternalError.GetRoleError"
    assert code(ready, token, ProviderId="nobody") == "InvalidParameter.ParamError"
    assert code(ready, token, RoleArn="nonsense") == "InvalidParameter.ParamError"
    assert code(ready, token, DurationSeconds=43200) == "InvalidParameter.OverLimit"

    cam(ready, "DeleteOIDCConfig", Name=PROVIDER)
    assert code(ready, token) == "InvalidParameter.ParamError"
    cam(ready, "DeleteRole", RoleName="cvmimg-ci")
    assert code(ready, token) == "InternalError.GetRoleError"


def test_a_provider_is_described_as_it_was_created_and_updated(ready: Cloud) -> None:
    described = cam(ready, "DescribeOIDCConfig", Name=PROVIDER)
    assert described["ClientId"] == [AUDIENCE]
    cam(ready, "UpdateOIDCConfig", **provider(ClientId=["other"]))
    assert cam(ready, "DescribeOIDCConfig", Name=PROVIDER)["ClientId"] == ["other"]
    assert code(ready, issuer.token(ready.now)) == TOKEN_ERROR


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"Name": PROVIDER}, "InvalidParameter.IdentityNameInUse"),
        ({"Name": "-x"}, "InvalidParameterValue.NameError"),
        ({"IdentityUrl": "http://insecure"}, "InvalidParameterValue.IdentityUrlError"),
        ({"IdentityUrl": "https://a.example/?x=1"}, "InvalidParameterValue.IdentityUrlError"),
        ({"IdentityKey": "nonsense!"}, "InvalidParameterValue.MetadataError"),
        ({"IdentityKey": "e30="}, "InvalidParameterValue.MetadataError"),
    ],
)
def test_a_provider_is_checked(ready: Cloud, changes: dict[str, Any], refusal: str) -> None:
    assert cam_code(ready, "CreateOIDCConfig", **provider(**{"Name": "new", **changes})) == refusal


def test_a_provider_that_does_not_exist_is_not_found(cloud: Cloud) -> None:
    refusal = "ResourceNotFound.IdentityNotExist"
    assert cam_code(cloud, "DescribeOIDCConfig", Name="nobody") == refusal
    assert cam_code(cloud, "DeleteOIDCConfig", Name="nobody") == refusal
    assert cam_code(cloud, "UpdateOIDCConfig", **provider()) == refusal


def test_a_role_is_described(ready: Cloud) -> None:
    by_name = cam(ready, "GetRole", RoleName="cvmimg-ci")["RoleInfo"]
    by_id = cam(ready, "GetRole", RoleId=by_name["RoleId"])["RoleInfo"]
    assert by_name == by_id
    assert by_name["RoleArn"] == ROLE
    arn = ROLE.replace("roleName/cvmimg-ci", f"role/{by_name['RoleId']}")
    assert code(ready, issuer.token(ready.now), RoleArn=arn) == "ok"


STATEMENT = json.loads(trust_policy(OWNER))["statement"][0]


@pytest.mark.parametrize(
    ("policy", "refusal"),
    [
        ("nonsense", "InvalidParameter.ParamError"),
        ({"version": "1.0", "statement": [STATEMENT]}, "InvalidParameter.VersionError"),
        ({"version": "2.0", "statement": []}, "InvalidParameter.StatementError"),
        ({**STATEMENT, "effect": "maybe"}, "InvalidParameter.EffectError"),
        ({**STATEMENT, "action": []}, "InvalidParameter.ActionMiss"),
        ({**STATEMENT, "principal": {}}, "InvalidParameter.PrincipalError"),
        ({**STATEMENT, "condition": []}, "InvalidParameter.ConditionError"),
        ({**STATEMENT, "condition": {"like": {}}}, "InvalidParameter.ConditionTypeError"),
        (
            {**STATEMENT, "condition": {"string_equal": {"oidc:actor": "me"}}},
            "InvalidParameter.ConditionContentError",
        ),
    ],
)
def test_a_trust_policy_is_checked(cloud: Cloud, policy: Any, refusal: str) -> None:
    if isinstance(policy, dict) and "effect" in policy:
        policy = {"version": "2.0", "statement": policy}
    document = policy if isinstance(policy, str) else json.dumps(policy)
    assert cam_code(cloud, "CreateRole", RoleName="new", PolicyDocument=document) == refusal


def test_a_role_is_named_once(ready: Cloud) -> None:
    policy = trust_policy(OWNER)
    in_use = cam_code(ready, "CreateRole", RoleName="cvmimg-ci", PolicyDocument=policy)
    assert in_use == "InvalidParameter.RoleNameInUse"
    malformed = cam_code(ready, "CreateRole", RoleName="a b", PolicyDocument=policy)
    assert malformed == "InvalidParameter.RoleNameError"
    assert cam_code(ready, "GetRole", RoleName="nobody") == "InvalidParameter.RoleNotExist"


def test_only_this_action_is_sent_without_a_signature(ready: Cloud) -> None:
    client = Client(ready.sandbox.handle, "", "", ready.now, extra={"Authorization": "SKIP"})
    unsigned = replace(client, extra={"Authorization": "SKIP"})
    refused = unsigned.code("sts", "GetCallerIdentity")
    assert refused == "AuthFailure.InvalidAuthorization"
