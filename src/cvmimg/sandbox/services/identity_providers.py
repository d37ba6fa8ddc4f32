"""cam: OIDC identity providers, which issue the tokens that roles are assumed with."""

from __future__ import annotations

import base64
import json
import re
from typing import Any, cast
from urllib.parse import urlsplit

from cvmimg.sandbox.services import answers
from cvmimg.sandbox.state import documents, kinds
from cvmimg.sandbox.state.kinds import IdentityProvider
from cvmimg.sandbox.state.store import View
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal

KIND = kinds.IDENTITY_PROVIDER

_NAME = re.compile(r"[A-Za-z][\w-]{0,63}")
_ROLE_PROVIDER, _ENABLED = 11, 11
_REGION = ""
"""What belongs to an account is in no region."""


@action("cam", "CreateOIDCConfig", writes=True)
def create_oidc_config(call: Call) -> None:
    """Create an identity provider; its keys are those given, whatever AutoRotateKey says."""
    if find(call.store, call.account, call.params["Name"]) is not None:
        raise refusal("InvalidParameter.IdentityNameInUse")
    call.store.put(_document(call))


@action("cam", "UpdateOIDCConfig", writes=True)
def update_oidc_config(call: Call) -> None:
    """Replace the settings of an identity provider."""
    _require(call)
    call.store.put(_document(call))


@action("cam", "DescribeOIDCConfig")
def describe_oidc_config(call: Call) -> Answer:
    """Describe one identity provider."""
    provider = _require(call)
    return {
        **answers.of("IdentityProvider", provider),
        "ProviderType": _ROLE_PROVIDER,
        "Status": _ENABLED,
    }


@action("cam", "DeleteOIDCConfig", writes=True)
def delete_oidc_config(call: Call) -> None:
    """Delete an identity provider; its tokens are refused from now on."""
    call.store.put({**_require(call), "Gone": call.now})


def find(view: View, account: str, name: str) -> IdentityProvider | None:
    """Return an identity provider of an account, or None."""
    return documents.of_account(view, KIND, account, name)


def public_keys(identity_key: str) -> list[dict[str, Any]]:
    """Return the RSA keys of an IdentityKey: a JSON Web Key Set in base64.

    Raises:
        ValueError: it is something else, or holds no RSA key.
    """
    padding = "=" * (-len(identity_key) % 4)
    content = base64.b64decode(identity_key + padding, altchars=b"-_", validate=True)
    document = json.loads(content)
    keys = document.get("keys") if isinstance(document, dict) else None
    found = [key for key in keys or [] if isinstance(key, dict) and key.get("kty") == "RSA"]
    if not found or not all(isinstance(key.get(part), str) for key in found for part in "ne"):
        raise ValueError("no RSA key")
    return found


def _document(call: Call) -> IdentityProvider:
    given = call.params
    if not _NAME.fullmatch(given["Name"]):
        raise refusal("InvalidParameterValue.NameError")
    if not _is_issuer(given["IdentityUrl"]):
        raise refusal("InvalidParameterValue.IdentityUrlError")
    try:
        public_keys(given["IdentityKey"])
    except ValueError as error:
        raise refusal("InvalidParameterValue.MetadataError") from error
    made = {
        **documents.new(call, KIND, f"{call.account}/{given['Name']}"),
        "Region": _REGION,
        "Description": "",
        "AutoRotateKey": 0,
        **given,
    }
    return cast("IdentityProvider", made)


def _is_issuer(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and bool(parts.hostname) and not set(url) & set("?#@")


def _require(call: Call) -> IdentityProvider:
    found = find(call.store, call.account, call.params["Name"])
    if found is None:
        raise refusal("ResourceNotFound.IdentityNotExist")
    return found
