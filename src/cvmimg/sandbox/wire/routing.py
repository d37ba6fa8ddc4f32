"""Finds the action and region of a request."""

from __future__ import annotations

from cvmimg.sandbox.wire import description
from cvmimg.sandbox.wire.call import ACTIONS, Action
from cvmimg.sandbox.wire.envelope import Envelope
from cvmimg.sandbox.wire.errors import ApiError, refusal
from cvmimg.sandbox.wire.http import HttpRequest
from cvmimg.sandbox.world import regions

_GLOBAL_SERVICES = frozenset({"sts", "cam", "tag", "region"})
"""Services that do not require a region."""
_GLOBAL_ACTIONS = frozenset({("cvm", "DescribeRegions")})


def guess_service(request: HttpRequest, opened: Envelope) -> str:
    """Guess the service of a request before its signature is checked."""
    scope = request.headers.get("authorization", "").split("/")[2:3]
    if scope and scope[0] in description.SERVICES:
        return scope[0]
    candidates = _services_of(opened)
    return candidates[0] if candidates else ""


def _services_of(opened: Envelope) -> list[str]:
    """Return the services that have this action in this version."""
    return [
        name
        for name in description.SERVICES
        if description.load(name).version == opened.version
        and opened.action in description.load(name).actions
    ]


def route(scope: str, opened: Envelope) -> Action:
    """Return the requested action.

    Some SDKs put the first label of the endpoint's host in the credential scope; if that is not a
    service, the action and the version decide.

    Raises:
        ApiError: NoSuchProduct, NoSuchVersion, or InvalidAction.
    """
    if scope in description.SERVICES:
        service, known = scope, description.load(scope).version
        if known != opened.version:
            raise refusal("NoSuchVersion", version=opened.version, service=service, known=known)
    else:
        service = _only_service(opened)
    action = ACTIONS.get((service, opened.action))
    if action is None:
        raise _invalid_action(service, opened.action)
    return action


def _only_service(opened: Envelope) -> str:
    found = _services_of(opened)
    if found:
        return found[0]
    if any(description.load(name).version == opened.version for name in description.SERVICES):
        raise _invalid_action("any service", opened.action)
    raise refusal("NoSuchProduct")


def _invalid_action(service: str, action: str) -> ApiError:
    return refusal("InvalidAction", action=action, service=service)


def region(action: Action, opened: Envelope) -> str:
    """Return the region of the call.

    Raises:
        ApiError: UnsupportedRegion; MissingParameter if the action requires one.
    """
    if opened.region:
        if opened.region not in regions.NAMES:
            raise refusal("UnsupportedRegion", region=opened.region, name=action.name)
        return opened.region
    if action.service in _GLOBAL_SERVICES or (action.service, action.name) in _GLOBAL_ACTIONS:
        return regions.DEFAULT
    raise refusal("MissingParameter", name="Region")
