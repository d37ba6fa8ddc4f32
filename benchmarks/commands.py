"""Our commands compared with those of the peers."""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from benchmarks import worlds
from benchmarks.clients import (
    CREATING,
    CVMIMG,
    PEERS,
    REPLAY,
    ROOT,
    TCCLI,
    against,
    environment,
    recorded_calls,
    tccli_images,
    time_row,
)
from benchmarks.measure import compare, median_seconds, peak_mib, run, run_told
from benchmarks.report import Growth, Row
from benchmarks.server import Setting, served
from benchmarks.size import installed_mib, site_packages_mib

_LIST_JSON = [CVMIMG, "list", "-o", "json"]


def rows(home: Path) -> Iterator[Row]:
    """All comparisons of commands."""
    yield from start_up(home)
    yield from lists(home)
    yield many_images(home)
    yield all_regions(home)
    yield from creates(home)
    yield installed_size()


def start_up(home: Path) -> Iterator[Row]:
    """The cost of starting up."""
    env = environment(home)
    completion = {
        "_CVMIMG_COMPLETE": "bash_complete",
        "COMP_WORDS": "cvmimg cre",
        "COMP_CWORD": "1",
    }
    peer = [[TCCLI, "--version"]]
    for what, command, more in (
        ("`cvmimg --version`", [CVMIMG, "--version"], {}),
        ("`cvmimg --help`", [CVMIMG, "--help"], {}),
        ("a completion", [CVMIMG], completion),
    ):
        yield against(what, 0.25, command, peer, {**env, **more}, "`tccli --version`")


def lists(home: Path) -> Iterator[Row]:
    """A small list, as JSON and as a table, and the memory it takes."""
    with served(Setting(world=worlds.images(10))) as server:
        env = environment(home, server)
        json_peer = tccli_images(server)
        yield against(
            "`cvmimg list -o json`, 10 images",
            0.5,
            _LIST_JSON,
            [json_peer],
            env,
            "`tccli cvm DescribeImages`",
        )
        memory = compare(lambda: peak_mib(_LIST_JSON, env), lambda: peak_mib(json_peer, env))
        yield Row(
            "its peak memory",
            f"{memory.ours:.0f} MiB",
            f"{memory.theirs:.0f} MiB",
            memory.ratio,
            0.7,
        )
        yield against(
            "`cvmimg list`, 10 images",
            0.7,
            [CVMIMG, "list"],
            [tccli_images(server, "--output", "table")],
            env,
            "`tccli … --output table`",
        )


def many_images(home: Path) -> Row:
    """Pages fetched in parallel, compared with one page per call."""
    with served(Setting(latency_seconds=0.03, world=worlds.images(1000))) as server:
        pages = [
            tccli_images(server, "--Limit", "100", "--Offset", str(offset))
            for offset in range(0, 1000, 100)
        ]
        env = environment(home, server)
        what = "`cvmimg list`, 1,000 images, 30 ms latency"
        return against(what, 0.15, [CVMIMG, "list"], pages, env, "10 tccli calls")


def all_regions(home: Path) -> Row:
    """Regions queried in parallel, compared with one after the other."""
    world = worlds.an_image_in_each_region()
    with served(Setting(latency_seconds=0.05, world=world)) as server:
        env = environment(home, server)
        calls = [tccli_images(server, "--region", region) for region in world["regions"]]
        what = f"`cvmimg list --all-regions`, {len(calls)} regions, 50 ms latency"
        command = [CVMIMG, "list", "--all-regions"]
        return against(what, 0.08, command, calls, env, f"{len(calls)} tccli calls")


def creates(home: Path) -> Iterator[Row]:
    """All checks and the call itself, compared with the same calls one after the other.

    Once as commands, and once without what it takes to start Python and load the program. A copy
    of fstab is given: how long an automation agent takes is the cloud's time, not ours.
    """
    recording, fstab = home / "calls", home / "fstab"
    fstab.write_text("/dev/vda1 / ext4 defaults 0 1\n", encoding="utf-8")
    world = worlds.instances(1)
    (instance_id,) = worlds.instance_ids(1)
    options = ["--instance", instance_id, "--no-wait", "--fstab-file", str(fstab)]
    names = (f"web-{number}" for number in itertools.count())

    def command() -> list[str]:
        return [CVMIMG, "create", "--name", next(names), *options]

    def inside(script: list[str]) -> list[str]:
        return [*script, next(names), next(names)]

    with served(Setting(recording=str(recording), world=world)) as server:
        run(command(), environment(home, server))
    calls = recorded_calls(recording)
    what = f"all checks, {len(json.loads(calls))} calls, 30 ms latency"
    with served(Setting(latency_seconds=0.03, world=world)) as server:
        env = {**environment(home, server), "CALLS": calls, "OPTIONS": json.dumps(options)}
        yield time_row(
            f"`cvmimg create --no-wait`, {what}",
            None,
            compare(lambda: run(command(), env), lambda: run([*REPLAY, next(names)], env)),
            "the same calls by the typed SDK, one after the other",
        )
        yield time_row(
            "the same, without starting and loading",
            0.5,
            compare(lambda: run_told(inside(CREATING), env), lambda: run_told(inside(REPLAY), env)),
            "the same",
        )


def installed_size() -> Row:
    """The disk that an installation takes."""
    ours, theirs = installed_mib(ROOT), site_packages_mib(PEERS)
    return Row(
        "installed size, with all dependencies",
        f"{ours:.0f} MiB",
        f"{theirs:.0f} MiB (tccli)",
        ours / theirs,
        0.05,
    )


def growths(home: Path) -> Iterator[Growth]:
    """How a list grows."""
    seconds: dict[int, float] = {}
    for count in (10, 100, 1_000, 10_000):
        with served(Setting(world=worlds.images(count))) as server:
            env = environment(home, server)
            seconds[count] = median_seconds(partial(listed, count, env), rounds=5)
    yield Growth("`cvmimg list -o json` of so many images", "seconds", seconds)


def listed(count: int, env: Mapping[str, str]) -> None:
    """List, and make sure that all are there."""
    output = subprocess.run(_LIST_JSON, env=dict(env), check=True, capture_output=True).stdout
    assert len(json.loads(output)) == count
