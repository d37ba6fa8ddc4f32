"""The screens of docs/screens: for each command, the screens that are worth showing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Screen:
    """What a user does, and sees.

    Attributes:
        command: the command that it shows.
        title: what is special about it.
        commands: what the user types after "cvmimg".
        before: what was done before, unseen.
        answers: what the user answers when asked.
        midway: whether to show the moment at which the work is half done.
        sandbox: whether it runs in the sandbox; if not, without credentials.
    """

    command: str
    title: str
    commands: Sequence[str]
    before: Sequence[str] = ()
    answers: Sequence[str] = ()
    midway: bool = False
    sandbox: bool = True

    @property
    def slug(self) -> str:
        """The name of its pictures."""
        return re.sub(r"[^a-z0-9]+", "-", f"{self.command} {self.title}".lower()).strip("-")


_WEB_V2 = "create --instance web-1 --name web-v2 --family web"
_FULL = "create --instance ins-full0001 --region ap-shanghai --name app-2025-11"

SCREENS = (
    Screen("cvmimg", "version", ["--version"]),
    Screen("cvmimg", "an unknown command", ["crate"]),
    Screen("cvmimg", "an unknown option", ["create --nmae web-v2"]),
    Screen("cvmimg", "an unexpected argument", ["list web-v1"]),
    Screen("cvmimg", "a wrong value", ["launch web-v1 --count 0"]),
    Screen("cvmimg", "without credentials", ["list"], sandbox=False),
    Screen("create", "online", [_WEB_V2]),
    Screen("create", "in progress", [_WEB_V2], midway=True),
    Screen("create", "must be shut down", ["create --instance legacy-1 --name legacy-v1"]),
    Screen("create", "with a shutdown", ["create --instance legacy-1 --name legacy-v1 --stop"]),
    Screen("create", "fstab refused", ["create --instance data-1 --name data-v1"]),
    Screen("create", "fstab fixed", ["create --instance data-1 --name data-v1 --fix-fstab"]),
    Screen("create", "the quota is full", [_FULL]),
    Screen("create", "replacing the oldest", [f"{_FULL} --replace-oldest 'app-*'"], answers=["y"]),
    Screen("create", "dry run", [f"{_WEB_V2} --dry-run"]),
    Screen("create", "without waiting", [f"{_WEB_V2} --no-wait"]),
    Screen(
        "create",
        "that fails in the cloud",
        [_WEB_V2],
        before=["sandbox faults CreateImage:task-fail"],
    ),
    Screen(
        "create",
        "several instances, some refused",
        ["create --instance data-1 --instance legacy-1 --name nightly-{instance_name}"],
    ),
    Screen("create", "timed out", [f"{_WEB_V2} --timeout 3s"]),
    Screen("create", "options missing", ["create"]),
    Screen(
        "create",
        "several instances",
        ["create --instance web-1 --instance stopped-1 --name nightly-{instance_name}"],
    ),
    Screen(
        "create",
        "several instances in progress",
        ["create --instance web-1 --instance stopped-1 --name nightly-{instance_name}"],
        midway=True,
    ),
    Screen(
        "create",
        "several instances, dry run",
        ["create --instance web-1 --instance stopped-1 --name nightly-{instance_name} --dry-run"],
    ),
    Screen("create", "with copies", [f"{_WEB_V2} --copy-to ap-beijing --share-with 100000000002"]),
    Screen("check", "passed", ["check --instance web-1 --name web-v2"]),
    Screen("check", "failed", ["check --instance data-1 --name web-v1"]),
    Screen("check", "a guest that cannot be read", ["check --instance no-agent-1"]),
    Screen("check", "stopped and not charged", ["check --instance saving-1"]),
    Screen("check", "list of checks", ["check --list"]),
    Screen("check", "as CSV", ["check --instance web-1 -o csv"]),
    Screen("launch", "confirmed", ["launch --image web-v1 --count 3"], answers=["y"]),
    Screen("launch", "declined", ["launch --image web-v1 --count 3"], answers=["n"]),
    Screen("launch", "dry run", ["launch --image web-v1 --count 3 --dry-run"]),
    Screen("launch", "with data", ["launch --image web-v1 --data-from data-1 --count 2 --yes"]),
    Screen("launch", "a type that is not offered", ["launch --image web-v1 --type S5.MEDIUM3"]),
    Screen("launch", "settings missing", ["launch --image base-v1 --count 1"]),
    Screen("wait", "ready", ["wait web-v2"], before=[f"{_WEB_V2} --no-wait"]),
    Screen("list", "one region", ["list"]),
    Screen("list", "all regions", ["list --all-regions"]),
    Screen("list", "while one is created", ["list"], before=[f"{_WEB_V2} --no-wait"]),
    Screen("list", "empty", ["list --name 'nothing-*'"]),
    Screen("list", "as JSON", ["list --name web-v1 -o json"]),
    Screen("show", "an image", ["show web-v1"]),
    Screen("show", "not found", ["show web-v11"]),
    Screen("show", "an unknown id", ["show img-webv1001"]),
    Screen("lineage", "a tree", ["lineage base-v1"]),
    Screen("instances", "all", ["instances"]),
    Screen("instances", "all regions", ["instances --all-regions"]),
    Screen("update", "changed", ["update web-v1 --tag team=web --deprecate"]),
    Screen("update", "nothing to do", ["update web-v1"]),
    Screen("delete", "confirmed", ["delete web-v1"], answers=["y"]),
    Screen("delete", "in use", ["delete base-v1"]),
    Screen("delete", "dry run", ["delete 'web-*' --dry-run"]),
    Screen("prune", "planned", ["prune --region ap-shanghai --name 'app-*' --keep 7"]),
    Screen(
        "prune",
        "applied",
        ["prune --region ap-shanghai --name 'app-*' --keep 7 --apply"],
        answers=["y"],
    ),
    Screen("family", "list and history", ["family list", "family history web"]),
    Screen(
        "family",
        "rollback",
        ["family rollback web --reason 'health check fails'"],
        before=[_WEB_V2],
        answers=["y"],
    ),
    Screen("family", "promote", ["family promote web-v1"], before=[_WEB_V2], answers=["y"]),
    Screen("copy", "two regions", ["copy web-v1 --to ap-beijing --to ap-nanjing"]),
    Screen("copy", "refused", ["copy web-v1 --to ap-shanghai --to ap-nowhere"]),
    Screen("share", "shared", ["share web-v1 --with 100000000002"]),
    Screen(
        "unshare",
        "all",
        ["unshare web-v1 --all"],
        before=["share web-v1 --with 100000000002"],
    ),
    Screen("quota", "one region", ["quota"]),
    Screen("quota", "all regions", ["quota --all-regions"]),
    Screen("snapshot", "created", ["snapshot --instance data-1 --name backup"]),
    Screen("snapshots", "all", ["snapshots"]),
    Screen("resume", "nothing", ["resume"]),
    Screen(
        "resume",
        "finished",
        ["list", "resume"],
        before=["create --instance legacy-1 --name legacy-v1 --stop --timeout 8s"],
    ),
    Screen(
        "resume",
        "rolled back",
        ["resume --undo"],
        before=["create --instance legacy-1 --name legacy-v1 --stop --timeout 8s"],
    ),
    Screen("operations", "list", ["operations list"], before=[_WEB_V2, "update web-v1 --tag a=b"]),
    Screen(
        "operations",
        "show",
        ["operations show op-20261123-072cd8"],
        before=["create --instance legacy-1 --name legacy-v1 --stop --timeout 8s"],
    ),
    Screen("operations", "export", ["operations export"], before=[_WEB_V2]),
    Screen(
        "operations",
        "prune",
        ["operations prune --older-than 1s"],
        before=[_WEB_V2, "create web-1 --name b"],
        answers=["y"],
    ),
    Screen(
        "operations",
        "forget",
        ["operations forget op-20261123-072cd8"],
        before=[_WEB_V2],
    ),
    Screen("verify", "passed", ["verify web-v1"], answers=["y"]),
    Screen("verify", "failed", ["verify web-v1 --run false --yes"]),
    Screen("resume", "from the cloud", ["resume --from-cloud --dry-run"]),
    Screen("doctor", "in the sandbox", ["doctor"]),
    Screen("doctor", "without credentials", ["doctor"], sandbox=False),
    Screen("doctor", "a report to paste", ["doctor --report"]),
    Screen("configure", "declined", ["configure"]),
    Screen("policy", "of two commands", ["policy list create"]),
    Screen("config", "show", ["config show"]),
    Screen("explain", "an error", ["explain NameTaken"]),
    Screen("explain", "a check", ["explain fstab"]),
    Screen("help", "of a command", ["help quota"]),
    Screen("version", "verbose", ["version -v"]),
    Screen("sandbox", "status", ["sandbox status"]),
    Screen("sandbox", "faults", ["sandbox faults CreateImage:cut-after:times=1"]),
    Screen("sandbox", "calls", ["sandbox calls --limit 5"], before=["list", "quota"]),
    Screen("sandbox", "advance", ["sandbox advance 2h"]),
    Screen("sandbox", "reset", ["sandbox reset"]),
    Screen(
        "sandbox", "export and import", ["sandbox export world.json", "sandbox import world.json"]
    ),
    Screen("completion", "which shell", ["completion"]),
    Screen("completion", "a script", ["completion bash"]),
)
