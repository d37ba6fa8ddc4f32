"""tat: commands that are kept: create, describe, modify, delete and invoke them."""

from __future__ import annotations

from cvmimg.sandbox.services import answers, filters, resource_tags
from cvmimg.sandbox.services.tat import command, invocations, tat_filters
from cvmimg.sandbox.state import documents, ids, kinds, timestamps
from cvmimg.sandbox.state.kinds import ApiObject, Command
from cvmimg.sandbox.wire.call import Answer, Call, action
from cvmimg.sandbox.wire.errors import refusal

KIND = kinds.COMMAND

_OVERRIDES = (
    "Parameters",
    "Username",
    "WorkingDirectory",
    "Timeout",
    "OutputCOSBucketUrl",
    "OutputCOSKeyPrefix",
)
"""The parameters of InvokeCommand that replace those of the command."""


@action("tat", "CreateCommand", writes=True)
def create_command(call: Call) -> Answer:
    """Keep a command."""
    request = documents.params_without(call, "Tags")
    _check(call, request)
    kept = {
        **documents.new(call, KIND, ids.new_id(call, "cmd")),
        "Name": request["CommandName"],
        "Request": request,
        "Updated": call.now,
        **resource_tags.on_creation(call, call.params.get("Tags", [])),
    }
    call.store.put(kept)
    return {"CommandId": kept["Id"]}


@action("tat", "DescribeCommands")
def describe_commands(call: Call) -> Answer:
    """List the caller's commands, newest first."""
    listed = filters.wanted(call, documents.listed(call, KIND), "CommandIds")
    found = filters.select(call, listed, _FILTERS, unknown="InvalidParameterValue.InvalidFilter")
    return filters.answer(call, "CommandSet", found, _to_response)


@action("tat", "ModifyCommand", writes=True)
def modify_command(call: Call) -> None:
    """Change a command."""
    kept = _require(call)
    changes = documents.params_without(call, "CommandId")
    request = {**kept["Request"], **changes}
    _check(call, request, kept["Id"])
    call.store.put(
        {**kept, "Name": request["CommandName"], "Request": request, "Updated": call.now}
    )


@action("tat", "DeleteCommand", writes=True)
def delete_command(call: Call) -> None:
    """Delete a command that is not running."""
    kept = _require(call)
    if invocations.is_running(call, kept["Id"]):
        raise refusal("ResourceUnavailable.CommandInExecuting", kept=kept["Id"])
    call.store.put({**kept, "Gone": call.now})


@action("tat", "InvokeCommand", writes=True)
def invoke_command(call: Call) -> Answer:
    """Run a command in instances."""
    kept = _require(call)
    overrides = {name: call.params[name] for name in _OVERRIDES if name in call.params}
    request = {**kept["Request"], "InstanceIds": call.params["InstanceIds"], **overrides}
    return {"InvocationId": invocations.start(call, request, kept["Id"])}


def _check(call: Call, request: ApiObject, identifier: str = "") -> None:
    """Refuse an invalid command, or a name that another one has."""
    command.check(request)
    command.content(request)
    command.check_defaults(request)
    name = request["CommandName"]
    if documents.is_taken(call, KIND, name, identifier):
        raise refusal("InvalidParameterValue.CommandNameDuplicated", command_name=name)


def _require(call: Call) -> Command:
    identifier = call.params["CommandId"]
    tat_filters.check_command_id(identifier)
    missing = refusal("ResourceNotFound.CommandNotFound", id=identifier)
    return documents.require(call, KIND, identifier, missing)


def _to_response(call: Call, kept: Command) -> Answer:
    request = kept["Request"]
    return {
        **answers.of("Command", kept),
        **invocations.document_to_response(request),
        "Description": request.get("Description", ""),
        "Content": request["Content"],
        "CreatedTime": timestamps.iso(kept["Created"]),
        "UpdatedTime": timestamps.iso(kept["Updated"]),
        "EnableParameter": request.get("EnableParameter", False),
        "DefaultParameters": request.get("DefaultParameters", ""),
        "DefaultParameterConfs": request.get("DefaultParameterConfs", []),
        "Tags": resource_tags.of(kept, call.now),
    }


_FILTERS: filters.Known = {
    "command-id": "Id",
    "command-name": "Name",
    "command-type": lambda kept: (kept["Request"].get("CommandType", "SHELL"),),
    "created-by": lambda _: ("USER",),
}
