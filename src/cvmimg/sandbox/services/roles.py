"""cam: roles, and who may assume them by their trust policies."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import Any

from cvmimg.sandbox.services import answers
from cvmimg.sandbox.state import documents, kinds, timestamps
from cvmimg.sandbox.state.kinds import ApiObject, Role
from cvmimg.sandbox.state.store import View
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal

KIND = kinds.ROLE

_NAME = re.compile(r"[\w+=,.@-]{1,128}")
_REGION = ""
_DEFAULT_SECONDS = 7200
_FIRST_ID = 4_611_686_018_427_387_904
_ASSUME_ACTIONS = ("name/sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithWebIdentity")


@action("cam", "CreateRole", writes=True)
def create_role(call: Call) -> Answer:
    """Create a role."""
    name = call.params["RoleName"]
    if not _NAME.fullmatch(name):
        raise refusal("InvalidParameter.RoleNameError")
    if find(call.store, call.account, name) is not None:
        raise refusal("InvalidParameter.RoleNameInUse")
    number = int.from_bytes(call.request_id.encode()[-6:], "big")
    role = {
        **documents.new(call, KIND, f"{call.account}/{name}"),
        "Region": _REGION,
        "Name": name,
        "RoleId": str(_FIRST_ID + number),
        "PolicyDocument": _policy(call),
        "Description": call.params.get("Description", ""),
        "ConsoleLogin": call.params.get("ConsoleLogin", 0),
        "SessionDuration": call.params.get("SessionDuration", _DEFAULT_SECONDS),
        "Updated": call.now,
    }
    call.store.put(role)
    return {"RoleId": role["RoleId"]}


@action("cam", "GetRole")
def get_role(call: Call) -> Answer:
    """Describe one role."""
    role = _require(call)
    return {
        "RoleInfo": {
            **answers.of("Role", role),
            "AddTime": timestamps.china(role["Created"]),
            "UpdateTime": timestamps.china(role["Updated"]),
            "RoleArn": f"qcs::cam::uin/{role['Account']}:roleName/{role['Name']}",
        }
    }


@action("cam", "UpdateAssumeRolePolicy", writes=True)
def update_assume_role_policy(call: Call) -> None:
    """Replace the trust policy of a role."""
    role = _require(call)
    call.store.put({**role, "PolicyDocument": _policy(call), "Updated": call.now})


@action("cam", "DeleteRole", writes=True)
def delete_role(call: Call) -> None:
    """Delete a role."""
    call.store.put({**_require(call), "Gone": call.now})


def find(view: View, account: str, name: str) -> Role | None:
    """Return a role of an account by its name, or None."""
    return documents.of_account(view, KIND, account, name)


def find_by_id(view: View, account: str, role_id: str) -> Role | None:
    """Return a role of an account by its number, or None."""
    for role in view.all(KIND, account, _REGION):
        if role["RoleId"] == role_id and "Gone" not in role:
            return role
    return None


def trusts(role: Role, provider: str, claims: ApiObject) -> bool:
    """Return whether a role may be assumed with a token.

    Args:
        role: the role.
        provider: the resource name of the identity provider.
        claims: what the token says.
    """
    matching = [
        statement["effect"]
        for statement in _as_list(json.loads(role["PolicyDocument"])["statement"])
        if _applies(statement, provider, claims)
    ]
    return "allow" in matching and "deny" not in matching


def _applies(statement: ApiObject, provider: str, claims: ApiObject) -> bool:
    principal = statement.get("principal")
    federated = _texts(principal.get("federated")) if isinstance(principal, dict) else []
    if provider not in federated:
        return False
    if not any(
        fnmatchcase(wanted, pattern)
        for pattern in _texts(statement["action"])
        for wanted in _ASSUME_ACTIONS
    ):
        return False
    return all(
        _OPERATORS[operator](_texts(claims.get(key.removeprefix("oidc:"))), _texts(wanted))
        for operator, keys in statement.get("condition", {}).items()
        for key, wanted in keys.items()
    )


def _equal(values: Iterable[str], wanted: Iterable[str]) -> bool:
    return bool(set(values) & set(wanted))


def _like(values: Iterable[str], wanted: Iterable[str]) -> bool:
    # Only * and ? are wildcards.
    patterns = [each.replace("[", "[[]") for each in wanted]
    return any(fnmatchcase(value, pattern) for value in values for pattern in patterns)


_OPERATORS: dict[str, Callable[[list[str], list[str]], bool]] = {
    "string_equal": _equal,
    "string_not_equal": lambda values, wanted: not _equal(values, wanted),
    "string_equal_ignore_case": lambda values, wanted: _equal(
        map(str.lower, values), map(str.lower, wanted)
    ),
    "string_like": _like,
    "string_not_like": lambda values, wanted: not _like(values, wanted),
}
"""The conditions that can be stated on the claims of a token."""


def _policy(call: Call) -> str:
    """Return the trust policy of the request.

    Raises:
        ApiError: it is malformed.
    """
    document = str(call.params["PolicyDocument"])
    try:
        policy = json.loads(document)
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        raise refusal("InvalidParameter.ParamError", "roles.policy")
    if policy.get("version") != "2.0":
        raise refusal("InvalidParameter.VersionError")
    statements = _as_list(policy.get("statement"))
    if not statements or not all(isinstance(each, dict) for each in statements):
        raise refusal("InvalidParameter.StatementError")
    for statement in statements:
        _check_statement(statement)
    return document


def _as_list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _check_statement(statement: ApiObject) -> None:
    if statement.get("effect") not in ("allow", "deny"):
        raise refusal("InvalidParameter.EffectError")
    if not _texts(statement.get("action")):
        raise refusal("InvalidParameter.ActionMiss")
    principal = statement.get("principal")
    if not isinstance(principal, dict) or not set(principal) & _PRINCIPALS:
        raise refusal("InvalidParameter.PrincipalError")
    condition = statement.get("condition", {})
    if not isinstance(condition, dict) or not all(
        isinstance(keys, dict) for keys in condition.values()
    ):
        raise refusal("InvalidParameter.ConditionError")
    if not set(condition) <= set(_OPERATORS):
        raise refusal("InvalidParameter.ConditionTypeError")
    keys = {key for each in condition.values() for key in each}
    if "federated" in principal and not keys <= _CLAIMS:
        raise refusal("InvalidParameter.ConditionContentError")


_PRINCIPALS = {"qcs", "service", "federated"}
_CLAIMS = {"oidc:iss", "oidc:aud", "oidc:sub"}
"""The claims of a token that the documentation names as keys of conditions."""


def _texts(value: Any) -> list[str]:
    """Return one text or several as a list; nothing for anything else."""
    return [each for each in _as_list(value) if isinstance(each, str)]


def _require(call: Call) -> Role:
    name, role_id = call.params.get("RoleName"), call.params.get("RoleId")
    found = (
        find(call.store, call.account, name)
        if name
        else find_by_id(call.store, call.account, role_id or "")
    )
    if found is None:
        raise refusal("InvalidParameter.RoleNotExist")
    return found
