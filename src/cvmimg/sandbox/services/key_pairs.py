"""cvm: key pairs. Each account has a default one in each region."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence

from cvmimg.sandbox.services import answers, filters, instances, networks, resource_tags
from cvmimg.sandbox.state import documents, ids, kinds, timestamps
from cvmimg.sandbox.state.kinds import Instance, KeyPair
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal

KIND = kinds.KEY_PAIR

_MAX_NAME = 25
_CREATED = timestamps.seconds("2024-01-01T00:00:00Z")
"""When the default key pair was created."""


@action("cvm", "DescribeKeyPairs")
def describe_key_pairs(call: Call) -> Answer:
    """List key pairs, newest first."""
    found = filters.select(call, filters.wanted(call, _all(call), "KeyIds"), _FILTERS)
    return filters.answer(call, "KeyPairSet", found, _to_response)


@action("cvm", "CreateKeyPair", writes=True)
def create_key_pair(call: Call) -> Answer:
    """Create a key pair; its private key is not a real one."""
    pair = _new(call, f"ssh-rsa {_made_up(call)} {call.params['KeyName']}")
    private = (
        "-----BEGIN RSA PRIVATE KEY-----\n"
        f"{_made_up(call, 'private')}\n"
        "-----END RSA PRIVATE KEY-----"
    )
    return {"KeyPair": {**_to_response(call, pair), "PrivateKey": private}}


@action("cvm", "ImportKeyPair", writes=True)
def import_key_pair(call: Call) -> Answer:
    """Create a key pair from a public key."""
    public = call.params["PublicKey"]
    if not public.startswith(("ssh-", "ecdsa-")):
        raise refusal("InvalidParameterValue", "key-pairs.import-key-pair")
    return {"KeyId": _new(call, public)["Id"]}


@action("cvm", "DeleteKeyPairs", writes=True)
def delete_key_pairs(call: Call) -> None:
    """Delete key pairs; instances lose them."""
    found = [_require(call, each) for each in dict.fromkeys(call.params["KeyIds"])]
    for pair in found:
        for instance in _associated(call, pair["Id"]):
            _set_keys(call, instance, [k for k in _keys(instance) if k != pair["Id"]])
        call.store.put({**pair, "Gone": call.now})


@action("cvm", "ModifyKeyPairAttribute", writes=True)
def modify_key_pair_attribute(call: Call) -> None:
    """Change the name or the description of a key pair."""
    pair = _require(call, call.params["KeyId"])
    name = str(call.params.get("KeyName", pair["Name"]))
    if name != pair["Name"]:
        _check_name(call, name)
    description = call.params.get("Description", pair["Description"])
    call.store.put({**pair, "Name": name, "Description": description})


@action("cvm", "AssociateInstancesKeyPairs", writes=True)
def associate_instances_key_pairs(call: Call) -> None:
    """Add key pairs to instances."""
    added = [_require(call, each)["Id"] for each in call.params["KeyIds"]]
    for instance in _changeable_instances(call):
        _set_keys(call, instance, list(dict.fromkeys([*_keys(instance), *added])))


@action("cvm", "DisassociateInstancesKeyPairs", writes=True)
def disassociate_instances_key_pairs(call: Call) -> None:
    """Remove key pairs from instances."""
    removed = {_require(call, each)["Id"] for each in call.params["KeyIds"]}
    for instance in _changeable_instances(call):
        _set_keys(call, instance, [k for k in _keys(instance) if k not in removed])


def refuse_unknown(call: Call, identifiers: Sequence[str]) -> None:
    """Refuse key pairs that do not exist.

    Raises:
        ApiError: InvalidKeyPairId.Malformed, or InvalidParameterValue.KeyPairNotFound.
    """
    for identifier in identifiers:
        if not re.fullmatch(ids.KEY_PAIR, identifier):
            raise refusal("InvalidKeyPairId.Malformed", id=identifier)
        if _find(call, identifier) is None:
            raise refusal("InvalidParameterValue.KeyPairNotFound", id=identifier)


def _all(call: Call) -> list[KeyPair]:
    stored = documents.listed(call, KIND)
    default = _find(call, networks.default_key_pair(call.account, call.region))
    others = [each for each in stored if default is None or each["Id"] != default["Id"]]
    return [*others, *([default] if default else [])]


def _find(call: Call, identifier: str) -> KeyPair | None:
    stored = call.store.get(KIND, identifier)
    if stored is not None:
        return documents.own(call, KIND, identifier)
    is_default = identifier == networks.default_key_pair(call.account, call.region)
    return _document(call, identifier, "default", _CREATED) if is_default else None


def _require(call: Call, identifier: str) -> KeyPair:
    found = _find(call, identifier)
    if found is None:
        raise refusal("InvalidKeyPairId.NotFound", id=identifier)
    return found


def _new(call: Call, public_key: str) -> KeyPair:
    name = call.params["KeyName"]
    _check_name(call, name)
    tags = resource_tags.on_creation(call, resource_tags.specified(call.params, "keypair"))
    pair: KeyPair = {
        **_document(call, ids.new_id(call, "skey"), name, call.now),
        "PublicKey": public_key,
        "ProjectId": call.params["ProjectId"],
        "Tags": tags["Tags"],
        "TagsListed": tags["TagsListed"],
    }
    call.store.put(pair)
    return pair


def _document(call: Call, identifier: str, name: str, created: float) -> KeyPair:
    return {
        **documents.new(call, KIND, identifier),
        "Name": name,
        "Description": "",
        "PublicKey": f"ssh-rsa {_made_up(call, identifier)} {name}",
        "ProjectId": 0,
        "Created": created,
        "Tags": [],
        "TagsListed": created,
    }


def _check_name(call: Call, name: str) -> None:
    code = None
    if not name:
        code = "InvalidKeyPairNameEmpty"
    elif len(name) > _MAX_NAME:
        code = "InvalidKeyPairNameTooLong"
    elif not re.fullmatch(r"[A-Za-z0-9_]+", name):
        code = "InvalidKeyPairNameIncludeIllegalChar"
    elif any(each["Name"] == name for each in _all(call)):
        code = "InvalidKeyPairName.Duplicate"
    if code is not None:
        raise refusal(code, "key-pairs.name", name=name)


def _changeable_instances(call: Call) -> list[Instance]:
    """Return the requested instances: they have to be stopped, unless ForceStop."""
    found = [instances.require(call, each) for each in call.params["InstanceIds"]]
    for instance in found:
        instances.refuse_unless_idle(call, instance, instances.stopped_or_forced(call))
        if instances.is_windows(instance):
            raise refusal("UnsupportedOperation.KeyPairUnsupportedWindows")
    return found


def _associated(call: Call, identifier: str) -> list[Instance]:
    listed = documents.listed(call, instances.KIND)
    return [instance for instance in listed if identifier in _keys(instance)]


def _keys(instance: Instance) -> list[str]:
    return instance["LoginSettings"]["KeyIds"] or []


def _set_keys(call: Call, instance: Instance, keys: list[str]) -> None:
    call.store.put({**instance, "LoginSettings": {"KeyIds": keys or None}})


def _made_up(call: Call, *place: str) -> str:
    """Return base64 text that looks like a key."""
    seed = ids.id_of("key", call.account, call.region, *place)
    return base64.b64encode(seed.encode() * 16).decode()


def _to_response(call: Call, pair: KeyPair) -> Answer:
    return {
        **answers.of("KeyPair", pair),
        "AssociatedInstanceIds": [each["Id"] for each in _associated(call, pair["Id"])],
        "CreatedTime": timestamps.iso(pair["Created"]),
        "Tags": resource_tags.to_response(pair, call.now),
    }


_FILTERS: filters.Known = {
    "project-id": "ProjectId",
    "key-name": "Name",
}
