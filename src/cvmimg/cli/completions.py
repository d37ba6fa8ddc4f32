"""Values that a shell completes: from this machine, or from the cloud through a cache.

Completion is never slow and never fails: the cloud has one second to respond, its response is
cached for half a minute, and if it does not respond, the last response is used, however old.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from cvmimg.cli.settings import Invocation

if TYPE_CHECKING:
    from cvmimg.cloud.client import Cloud

FRESH_SECONDS = 30.0
LIMIT_SECONDS = 1.0
_SANDBOX_LIMIT_SECONDS = 30.0
"""The sandbox is in this process, so it responds, however busy the machine is."""
_PLAIN = re.compile(r"[\w.@:+/-]+")
"""Values that every shell treats as one word."""

Values = dict[str, str]
"""Values, each with the text to show beside it."""


def complete(kind: str, context: click.Context, incomplete: str) -> list[CompletionItem]:
    """Return the values of a kind that begin with what has been typed.

    Args:
        kind: "images", "snapshots", "images-and-snapshots", "instances", "families", "regions",
            "profiles", "operations", "commands", "codes" or "files".
        context: holds the invocation.
        incomplete: what has been typed.
    """
    if kind == "files":
        return [CompletionItem(incomplete, type="file")]
    invocation = context.ensure_object(Invocation)
    values = _FALLBACKS.get(kind, dict)()
    with suppress(Exception):
        local = _LOCAL.get(kind)
        values = local(invocation) if local else _of_cloud(kind, invocation)
    return [
        CompletionItem(value, help=about or None)
        for value, about in values.items()
        if value.startswith(incomplete)
        and _PLAIN.fullmatch(value)
        and _is_wanted(value, incomplete)
    ]


def _is_wanted(value: str, incomplete: str) -> bool:
    """Return whether to offer a value: ids only if the user has started to type one."""
    return bool(incomplete) or not re.match(r"(img|ins|snap)-", value)


def _of_cloud(kind: str, invocation: Invocation) -> Values:
    cache = _Cache(invocation, kind)
    known = cache.read()
    if known is not None and time.time() - known[0] < FRESH_SECONDS:
        return known[1]
    limit = _SANDBOX_LIMIT_SECONDS if invocation.settings.sandbox else LIMIT_SECONDS
    values = _within_limit(limit, lambda: _fetch(kind, invocation))
    if values is None:
        values = known[1] if known else _FALLBACKS.get(kind, dict)()
    cache.write(values)
    return values


def _within_limit(seconds: float, fetch: Callable[[], Values]) -> Values | None:
    """Return what ``fetch`` returns, or None if it fails or takes too long."""
    found: list[Values] = []

    def work() -> None:
        with suppress(Exception):
            found.append(fetch())

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        _leave_without_waiting()
    return found[0] if found else None


def _leave_without_waiting() -> None:
    """Let the process exit even though threads are still waiting for the network."""
    import atexit

    def leave() -> None:
        sys.stdout.flush()
        os._exit(0)

    # The last to register runs first, before Python joins the threads.
    atexit.register(leave)
    threading._register_atexit(leave)  # type: ignore[attr-defined]


def _fetch(kind: str, invocation: Invocation) -> Values:
    from cvmimg.cli.session import connect

    with connect(invocation) as cloud:
        return _FETCHED[kind](cloud)


def _images(cloud: Cloud) -> Values:
    from cvmimg.cloud import cvm

    images = cvm.describe_images(cloud, image_type=cvm.PRIVATE)
    names = {image.image_name: f"{image.image_id} {image.image_state}" for image in images}
    families = {f"family:{image.image_family}": "" for image in images if image.image_family}
    return names | families | {image.image_id: image.image_name for image in images}


def _snapshots(cloud: Cloud) -> Values:
    from cvmimg.cloud import cbs

    return {each.snapshot_id: each.snapshot_name for each in cbs.describe_snapshots(cloud)}


def _images_and_snapshots(cloud: Cloud) -> Values:
    return _images(cloud) | _snapshots(cloud)


def _families(cloud: Cloud) -> Values:
    return {
        value.removeprefix("family:"): "" for value in _images(cloud) if value.startswith("family:")
    }


def _instances(cloud: Cloud) -> Values:
    from cvmimg.cloud import cvm

    instances = cvm.describe_instances(cloud)
    names = {each.instance_name: f"{each.instance_id} {each.instance_state}" for each in instances}
    return names | {each.instance_id: each.instance_name for each in instances}


def _regions(cloud: Cloud) -> Values:
    from cvmimg.cloud.region import describe_regions

    return {region.region: "" for region in describe_regions(cloud)}


def _known_regions() -> Values:
    from cvmimg.cloud.ids import REGIONS

    return dict.fromkeys(REGIONS, "")


def _profiles(invocation: Invocation) -> Values:
    from cvmimg.cli.connection import places_of
    from cvmimg.cloud.find_credentials import profile_names as with_credentials
    from cvmimg.config import profile_names

    names = [*profile_names(invocation.environment), *with_credentials(places_of(invocation))]
    return dict.fromkeys(names, "")


def _operations(invocation: Invocation) -> Values:
    from cvmimg.config import state_dir
    from cvmimg.durable.journal.journal import Journal
    from cvmimg.workflows.operations import list_operations

    journal = Journal(state_dir(invocation.environment), invocation.clock)
    records = list_operations(journal, unfinished=False).records
    return {record.id: f"{record.kind} {record.status}" for record in records}


def _commands(_: Invocation) -> Values:
    from cvmimg.cli.commands import HELP

    return dict(HELP)


def _codes(_: Invocation) -> Values:
    from cvmimg.cli.messages.catalog import CHECK_RESULTS, EXIT_CODES

    return dict.fromkeys([*EXIT_CODES, *CHECK_RESULTS], "")


_LOCAL: Mapping[str, Callable[[Invocation], Values]] = {
    "profiles": _profiles,
    "operations": _operations,
    "commands": _commands,
    "codes": _codes,
}
_FETCHED: Mapping[str, Callable[[Any], Values]] = {
    "images": _images,
    "snapshots": _snapshots,
    "images-and-snapshots": _images_and_snapshots,
    "families": _families,
    "instances": _instances,
    "regions": _regions,
}
_FALLBACKS: Mapping[str, Callable[[], Values]] = {"regions": _known_regions}


class _Cache:
    """The last response of one kind, for one account and one region."""

    def __init__(self, invocation: Invocation, kind: str) -> None:
        from cvmimg.cli.connection import credentials_of
        from cvmimg.cli.effective import region_setting
        from cvmimg.config import state_dir

        settings = invocation.settings
        whose = "" if settings.sandbox else credentials_of(invocation).stable_id
        region = region_setting(invocation).value
        parts = (kind, whose, region, settings.endpoint, str(settings.sandbox))
        name = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
        self._path: Path = state_dir(invocation.environment) / "completion" / f"{name}.json"

    def read(self) -> tuple[float, Values] | None:
        """Return when it was written, and the values; None if there is nothing to read."""
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
            return float(content["at"]), dict(content["values"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, values: Values) -> None:
        """Keep the values; it does not matter if that fails."""
        draft = self._path.with_suffix(f".{os.getpid()}")
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft.write_text(json.dumps({"at": time.time(), "values": values}), encoding="utf-8")
            os.replace(draft, self._path)
