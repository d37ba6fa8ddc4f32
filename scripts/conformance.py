"""Compare the service with what cvmimg assumes about it, on one disposable instance.

It creates an image of the instance while it runs, launches two instances from the image, and
deletes all of them. It says so first, asks, and always cleans up, even after Ctrl-C.
The report can be pasted into an issue: ids, addresses, accounts and names are replaced.

The same environment variables and profiles as for cvmimg say which account and region to use; with
CVMIMG_ENDPOINT, it runs against ``cvmimg sandbox serve``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from assumptions import ASSUMPTIONS
from cvmimg import __version__
from cvmimg.cli.connection import (
    credentials_of,
    endpoint_of,
    named_profile,
    places_of,
    region_of,
)
from cvmimg.cli.messages import hint, text
from cvmimg.cli.settings import Invocation, Rank
from cvmimg.clock import SystemClock
from cvmimg.cloud import cbs, cvm, sts, tag
from cvmimg.cloud.client import Cloud
from cvmimg.cloud.find_credentials import find_profile
from cvmimg.cloud.models import Image, Instance, Price
from cvmimg.cloud.price import quote_price
from cvmimg.errors import CvmimgError, PreconditionFailed, UsageError
from cvmimg.message import Message
from recorded_cvmimg import FOLDER_VARIABLE
from recording import Anonymiser, Recorder

POLL_SECONDS = float(os.environ.get("CVMIMG_CONFORMANCE_POLL", "5"))
PATIENCE_SECONDS = 7200.0
_RECORDED_CVMIMG = Path(__file__).with_name("recorded_cvmimg.py")
_OPTIONS = ("region", "profile", "endpoint")
Findings = dict[str, Any]


class StepFailed(Exception):
    """A step did not go as cvmimg expects."""


@dataclass
class Run:
    """What the steps share.

    Attributes:
        cloud: the account and region, recording every answer.
        instance_id: the disposable instance.
        environment: for the processes of cvmimg.
        name: the name of the image that is created.
        image_id: the image, once it exists.
    """

    cloud: Cloud
    instance_id: str
    environment: Mapping[str, str]
    name: str = field(default_factory=lambda: f"cvmimg-conformance-{secrets.token_hex(3)}")
    image_id: str = ""

    @property
    def tag_key(self) -> str:
        """A tag key that the account cannot have."""
        return self.name

    def instance(self) -> Instance:
        """The disposable instance as it is now."""
        return cvm.describe_instance(self.cloud, self.instance_id)

    def launched(self) -> list[Instance]:
        """Return the instances that were launched and are still listed."""
        return cvm.describe_instances(self.cloud, instance_name=self.name)

    def launch_words(self) -> tuple[str, ...]:
        """Return the command that launches an instance like the disposable instance."""
        like = ("--like", self.instance_id, "--public-ip-bandwidth", "0")
        return ("launch", "--image", self.image_id, "--name", self.name, *like)

    def cvmimg(self, *words: str) -> Any:
        """Run cvmimg, and return the JSON of its result."""
        with self.started(*words) as process:
            return _result(words[0], process)

    @contextmanager
    def started(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """Start cvmimg; where the context ends early, stop it as Ctrl-C does, and wait for it."""
        command = [sys.executable, str(_RECORDED_CVMIMG), *words, "-o", "json", "--yes"]
        process = subprocess.Popen(
            [*command, "--no-progress"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env=dict(self.environment),
            start_new_session=True,  # Ctrl-C is passed on below, once
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=PATIENCE_SECONDS)

    def launch_request(self) -> dict[str, Any]:
        """RunInstances' parameters for one instance like it, without an address."""
        model = self.instance()
        network = model.virtual_private_cloud
        return {
            "ImageId": self.image_id or model.image_id,
            "Placement": {"Zone": model.placement.zone},
            "InstanceType": model.instance_type,
            "InstanceCount": 1,
            "InstanceName": self.name,
            "VirtualPrivateCloud": {"VpcId": network.vpc_id, "SubnetId": network.subnet_id},
            "SecurityGroupIds": list(model.security_group_ids),
            "InstanceChargeType": "POSTPAID_BY_HOUR",
        }


def _result(command: str, process: subprocess.Popen[str]) -> Any:
    """Wait until a process of cvmimg ends; return the JSON of its result."""
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    if process.returncode != 0:
        raise StepFailed(f"cvmimg {command} ended with {process.returncode}: {err[-500:]}")
    return json.loads(out)


# --- the steps ------------------------------------------------------------------------------

Steps = tuple[tuple[str, Callable[[Run], Findings]], ...]
"""Work and the names under which it is reported, in turn."""


def identity(run: Run) -> Findings:
    """Which kind of account this is, and whether it may be asked for."""
    return {"account known": bool(sts.account_id(run.cloud))}


def list_images(run: Run) -> Findings:
    """Custom images are listed."""
    return {"images": len(run.cvmimg("list"))}


def check(run: Run) -> Findings:
    """The checks of the disposable instance pass, and the quota is known."""
    result = run.cvmimg("check", "--instance", run.instance_id, "--name", run.name)
    others = [f"{each['id']} {each['status']}" for each in result["checks"]]
    others = [text for text in others if not text.endswith(" pass")]
    return {
        "limit of images": cvm.describe_image_quota(run.cloud),
        "checks": others or "all pass",
    }


def unknown_tag(run: Run) -> Findings:
    """How a filter by an unknown tag key is answered."""
    filters = [{"Name": f"tag:{run.tag_key}", "Values": ["x"]}]
    answer = _raw(run.cloud, "DescribeImages", {"Filters": filters})
    return {"answer": answer.get("code") or f"{answer['answer'].get('TotalCount')} images"}


def dry_run(run: Run) -> Findings:
    """How dry runs that pass are answered; nothing may be created."""
    image = {"ImageName": run.name, "InstanceId": run.instance_id, "ForcePoweroff": "false"}
    launch = run.launch_request()
    answers = {
        action: _raw(run.cloud, action, {**request, "DryRun": True})
        for action, request in (("CreateImage", image), ("RunInstances", launch))
    }
    for action, answer in answers.items():
        created = answer["answer"].get("ImageId") or answer["answer"].get("InstanceIdSet")
        if created:
            raise StepFailed(f"the dry run of {action} created {created}: delete it")
    return {action: answer.get("code") or "RequestId" for action, answer in answers.items()}


def price(run: Run) -> Findings:
    """Whether a price is for all instances together."""
    one, two = (
        quote_price(run.cloud, {**run.launch_request(), "InstanceCount": count}) for count in (1, 2)
    )
    if one.price is None or two.price is None:
        raise StepFailed(f"no price: {one.error or two.error}")
    single, double = one.price.instance_price, two.price.instance_price
    total = (double.unit_price or 0) > 1.5 * (single.unit_price or 0)
    return {"total of all instances": total, "charge unit": single.charge_unit}


def create_online(run: Run) -> Findings:
    """An image is created online with a new tag key; what shows meanwhile."""
    words = ("create", "--instance", run.instance_id, "--name", run.name)
    watched = _Watched()
    with run.started(*words, "--online", "--tag", f"{run.tag_key}=yes") as process:
        while process.poll() is None:
            watched.poll(run)
            time.sleep(POLL_SECONDS)
        watched.poll(run)  # how it ended, which the last poll may have been too early for
        run.image_id = _result("create", process)["image"]["id"]
    image = cvm.describe_image(run.cloud, run.image_id)
    snapshots = cbs.describe_snapshots_by_id(
        run.cloud, [each.snapshot_id for each in image.snapshot_set]
    )
    age = [_hours_between(run.cloud.now(), snapshot.create_time) for snapshot in snapshots]
    return {
        **watched.findings,
        "new tag key created": image.tag_map.get(run.tag_key) == "yes",
        "snapshots listed with the image": len(image.snapshot_set),
        "snapshot times are China time": bool(age) and max(age) < 2,
    }


@dataclass
class _Watched:
    """What is seen of an image and its source while the image is created."""

    findings: Findings = field(default_factory=dict)

    def poll(self, run: Run) -> None:
        with suppress(CvmimgError):
            self._note_instance(run.instance())
            for image in cvm.describe_images(run.cloud, image_type=cvm.PRIVATE, name=run.name):
                run.image_id = image.image_id
                self._note_image(image)

    def _note_instance(self, instance: Instance) -> None:
        operation = f"{instance.latest_operation or '-'} {instance.latest_operation_state or '-'}"
        seen = self.findings.setdefault("instance while imaging", [])
        if operation not in seen:
            seen.append(operation)

    def _note_image(self, image: Image) -> None:
        if image.image_state == "CREATING":
            self.findings["CreatePercent"] = image.create_percent is not None
            self.findings["tags while creating"] = bool(image.tags)


def tags(run: Run) -> Findings:
    """Tags of the image are added and removed."""
    account = sts.account_id(run.cloud)
    resource = tag.image_resource(run.cloud.region, account, run.image_id)
    tag.tag_resource(run.cloud, resource, {f"{run.tag_key}-2": "yes"})
    tag.untag_resource(run.cloud, resource, [f"{run.tag_key}-2"])
    return {"resource name": "accepted"}


def launch_dry_run(run: Run) -> Findings:
    """A launch like the source is planned."""
    plan = run.cvmimg(*run.launch_words(), "--dry-run")
    return {"settings": len(plan["plan"]), "price": bool(plan["price"])}


def launch(run: Run) -> Findings:
    """An instance like the source is launched, and runs."""
    (instance,) = run.cvmimg(*run.launch_words())["instances"]
    if instance["state"] != "RUNNING":
        raise StepFailed(f"the instance is {instance['state']}")
    source, new = run.instance(), cvm.describe_instance(run.cloud, instance["id"])
    return {
        "state": new.instance_state,
        "type of the source": new.instance_type == source.instance_type,
        "data disks": len(new.data_disks),
    }


def client_token(run: Run) -> Findings:
    """The same client token answers the same instances."""
    request = {**run.launch_request(), "ClientToken": secrets.token_hex(16)}
    launched = {one for _ in range(2) for one in cvm.run_instances(run.cloud, request)}
    if len(launched) != 1:
        raise StepFailed(f"one token launched {len(launched)} instances")
    return {"replayed": "the same instance"}


STEPS: Steps = (
    ("identity", identity),
    ("list", list_images),
    ("check", check),
    ("unknown-tag", unknown_tag),
    ("dry-run", dry_run),
    ("price", price),
    ("create-online", create_online),
    ("tags", tags),
    ("launch-dry-run", launch_dry_run),
    ("launch", launch),
    ("client-token", client_token),
)
_NEEDS_IMAGE = ("tags", "launch-dry-run", "launch", "client-token")


def terminate(run: Run) -> Findings:
    """Everything that was launched is terminated."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    launched: set[str] = set()
    while found := run.launched():
        for instance in found:
            # Refused while an instance is still starting; then the next turn does it.
            with suppress(CvmimgError):
                if instance.instance_state not in ("SHUTDOWN", "TERMINATING"):
                    cvm.terminate_instances(run.cloud, [instance.instance_id])
        launched |= {instance.instance_id for instance in found}
        if time.monotonic() > deadline:
            raise StepFailed(f"terminate by hand: {', '.join(sorted(launched))}")
        time.sleep(POLL_SECONDS)
    return {"instances": len(launched)}


def delete(run: Run) -> Findings:
    """The image is deleted with its snapshots."""
    images = cvm.describe_images(run.cloud, image_type=cvm.PRIVATE, name=run.name)
    for image in images:
        with suppress(StepFailed):  # an image that failed can be deleted as well
            run.cvmimg("wait", image.image_id)
        run.cvmimg("delete", image.image_id, "--force")
    return {"images": len(images)}


CLEAN_UP: Steps = (
    ("terminate", terminate),
    ("delete", delete),
)


# --- the report -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """The result of a step."""

    step: str
    passed: bool
    findings: Findings
    error: str = ""


def perform(step: str, work: Callable[[Run], Findings], run: Run) -> Result:
    """Run one step; nothing it raises ends the run."""
    if step in _NEEDS_IMAGE and not run.image_id:
        return Result(step, False, {}, "skipped: there is no image")
    try:
        return Result(step, True, work(run))
    except CvmimgError as error:
        return Result(step, False, {}, f"{error.code}: {text(error.message)}")
    except (StepFailed, OSError, ValueError, subprocess.SubprocessError) as error:
        return Result(step, False, {}, str(error))


def report(results: list[Result], where: str) -> str:
    """Return the report, as Markdown without anything that belongs to the account.

    Args:
        results: what came of each step.
        where: the service and the region.
    """
    anonymise = Anonymiser()
    settled: dict[str, list[str]] = defaultdict(list)
    for each in ASSUMPTIONS:
        settled[each.settled_by].append(each.id)
    today = datetime.now(timezone.utc).date().isoformat()
    versions = f"cvmimg {__version__}, Python {platform.python_version()}, {today}"
    lines = [f"# Conformance run against {where}", "", versions, ""]
    lines += ["| step | result | found | about |", "|---|---|---|---|"]
    for result in results:
        found = "; ".join(f"{name}: {_shown(value)}" for name, value in result.findings.items())
        about = ", ".join(settled[result.step])
        shown = anonymise(result.error or found).replace("|", "\\|").replace("\n", " ")
        lines.append(
            f"| {result.step} | {'ok' if result.passed else 'FAILED'} | {shown} | {about} |"
        )
    return "\n".join([*lines, ""])


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


def _raw(cloud: Cloud, action: str, params: dict[str, Any]) -> dict[str, Any]:
    """What one call of cvm answers, refusals included."""
    try:
        return {"answer": cloud.read("cvm", action, params)}
    except CvmimgError as error:
        return {"answer": {}, "code": error.code}


def _hours_between(now: float, moment: datetime | None) -> float:
    return float("inf") if moment is None else abs(now - moment.timestamp()) / 3600


@dataclass(frozen=True)
class Account:
    """The cloud that the environment and the profile name, for this process and for others."""

    cloud: Cloud
    config: str

    @classmethod
    def find(cls, recorder: Recorder) -> Account:
        """Find it as cvmimg does.

        Raises:
            CvmimgError: the region or the credentials are missing or invalid.
        """
        if os.environ.get("CVMIMG_SANDBOX", "") not in ("", "0", "false"):
            raise UsageError(Message("SandboxAndEndpoint"))
        Invocation.current = invocation = Invocation()
        for option in _OPTIONS:
            if value := os.environ.get(f"CVMIMG_{option.upper()}"):
                invocation.note(option, value, Rank.ENVIRONMENT)
        region = region_of(invocation)
        cloud = Cloud.connect(
            credentials_of(invocation),
            region,
            endpoint=endpoint_of(invocation),
            adapter=recorder,
            clock=SystemClock(),
        )
        return cls(cloud, _config(invocation, region))

    def environment(self, folder: Path) -> dict[str, str]:
        """Return the environment of cvmimg: without what a profile says of single commands."""
        config = folder / "config.toml"
        config.write_text(self.config, encoding="utf-8")
        dropped = {f"CVMIMG_{option.upper()}" for option in ("region", "profile", "sandbox")}
        kept = {name: value for name, value in os.environ.items() if name not in dropped}
        return {**kept, "CVMIMG_CONFIG": str(config), FOLDER_VARIABLE: str(folder)}


def _config(invocation: Invocation, region: str) -> str:
    named, domain = named_profile(invocation), invocation.profile.domain
    settings = {"region": region, "endpoint": invocation.settings.endpoint, "domain": domain}
    if named and find_profile(places_of(invocation), named) is not None:
        settings["credentials"] = named
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items() if value]
    return "\n".join(["[profiles.default]", *lines, ""])


def _announcement(run: Run, model: Instance) -> str:
    quote = quote_price(run.cloud, run.launch_request())
    hourly, gib = _hourly(quote.price, quote.currency), model.system_disk.disk_size
    return (
        f"In {run.cloud.region}, this creates an image of {run.instance_id} while it runs, launches"
        f" two {model.instance_type} from it, and deletes everything again. It costs two instances"
        f"{hourly} and a {gib} GiB snapshot for less than an hour."
    )


def _hourly(price: Price | None, currency: str) -> str:
    if price is None or price.instance_price.unit_price is None:
        return ""
    return f" ({price.instance_price.unit_price:g} {currency} an hour each)"


def _permitted() -> bool:
    try:
        return input("Continue? [y/N] ").strip().lower() == "y"
    except EOFError:
        return False


def _require_running(model: Instance) -> None:
    if model.instance_state != "RUNNING":
        raise PreconditionFailed(
            Message("GuestNotRunning", instance=model.instance_id, state=model.instance_state)
        )


def _perform_all(steps: Steps, run: Run, results: list[Result]) -> bool:
    """Run steps in turn; return False if Ctrl-C has ended them."""
    for step, work in steps:
        try:
            results.append(perform(step, work, run))
        except KeyboardInterrupt:
            results.append(Result(step, False, {}, "interrupted"))
            print(f"{step}: interrupted; cleaning up", flush=True)
            return False
        print(f"{step}: {'ok' if results[-1].passed else results[-1].error}", flush=True)
    return True


def conform(instance_id: str, out: Path, *, ask: bool) -> int:
    """Announce, ask, run all steps, clean up, write the report; return the exit code.

    Raises:
        CvmimgError: the account, the region or the instance cannot be used.
    """
    recorder = Recorder()
    account = Account.find(recorder)
    with tempfile.TemporaryDirectory() as folder:
        run = Run(account.cloud, instance_id, account.environment(Path(folder)))
        model = run.instance()
        _require_running(model)
        print(_announcement(run, model), flush=True)
        if ask and not _permitted():
            return 1
        results: list[Result] = []
        completed = _perform_all(STEPS, run, results)
        completed &= _perform_all(CLEAN_UP, run, results)
        recorder.add(Path(folder))
    where = "the sandbox" if run.cloud.link.endpoint.loopback else "Tencent Cloud"
    out.mkdir(parents=True, exist_ok=True)
    where = f"{where} in {run.cloud.region}"
    (out / "report.md").write_text(report(results, where), encoding="utf-8")
    today = datetime.now(timezone.utc).date().isoformat()
    recorder.write(out / "recordings" / f"{today}-{run.cloud.region}")
    print(f"the report is in {out / 'report.md'}")
    if not completed:
        return 130
    return 0 if all(result.passed for result in results) else 1


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, and report an error in a sentence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instance", required=True, help="a disposable instance (ins-…), running")
    parser.add_argument("--out", type=Path, default=Path("conformance"), help="folder to write to")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    given = parser.parse_args(arguments)
    if not given.instance:
        parser.error("name a disposable instance: make conformance INSTANCE=ins-1a2b3c4d")
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return conform(given.instance, given.out, ask=not given.yes)
    except CvmimgError as error:
        print(f"error: {text(error.message)}", file=sys.stderr)
        for line in filter(None, hint(error).splitlines()):
            print(f"  → {line}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
