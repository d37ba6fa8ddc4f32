"""Compare the service with what cvmimg believes of it, on one scrap instance.

It creates an image of the instance while it runs, launches one instance from the image, and deletes
both. It says so beforehand, asks, and cleans up whatever happens. The report can be pasted into an
issue: ids, addresses, accounts and names are replaced.

The same environment variables as for cvmimg say which account and region to use; with
CVMIMG_ENDPOINT, it runs against ``cvmimg sandbox serve``.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from cvmimg.clock import SystemClock
from cvmimg.cloud import cbs, cvm, sts, tag
from cvmimg.cloud.assumptions import ASSUMPTIONS
from cvmimg.cloud.client import Cloud, Endpoint
from cvmimg.cloud.find_credentials import Places, find_credentials, find_region
from cvmimg.cloud.models import Image, Instance
from cvmimg.cloud.price import quote_price
from cvmimg.errors import CvmimgError
from recording import Anonymiser, Recorder

POLL_SECONDS = float(os.environ.get("CVMIMG_CONFORMANCE_POLL", "5"))
PATIENCE_SECONDS = 7200.0
Findings = dict[str, Any]


class StepFailed(Exception):
    """A step did not go as cvmimg expects."""


@dataclass
class Run:
    """What the steps share.

    Attributes:
        cloud: the account and region, recording every answer.
        instance_id: the scrap instance.
        name: the name of the image that is created.
        image_id: the image, once it exists.
        launched: the ids of the instances that were launched.
    """

    cloud: Cloud
    instance_id: str
    name: str = field(default_factory=lambda: f"cvmimg-conformance-{secrets.token_hex(3)}")
    image_id: str = ""
    launched: list[str] = field(default_factory=list)

    @property
    def tag_key(self) -> str:
        """A tag key that the account cannot have."""
        return self.name

    def instance(self) -> Instance:
        """The scrap instance as it is now."""
        return cvm.describe_instance(self.cloud, self.instance_id)

    def cvmimg(self, *words: str) -> Any:
        """Run cvmimg, and return the JSON of its result."""
        done = _finished(_started(*words))
        if done.returncode != 0:
            raise StepFailed(
                f"cvmimg {words[0]} ended with {done.returncode}: {done.stderr[-500:]}"
            )
        return json.loads(done.stdout)

    def launch_request(self) -> dict[str, Any]:
        """RunInstances' parameters for one instance like the scrap instance, without an address."""
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


def _ended(command: str, done: subprocess.CompletedProcess[str]) -> str:
    return f"cvmimg {command} ended with {done.returncode}: {done.stderr[-500:]}"


def _started(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "cvmimg", *words, "-o", "json", "--yes", "--no-progress"]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL
    )


def _finished(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    out, err = process.communicate(timeout=PATIENCE_SECONDS)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


# --- the steps ------------------------------------------------------------------------------


def identity(run: Run) -> Findings:
    """Which kind of account this is, and whether it may be asked for."""
    found = sts.identity(run.cloud)
    return {"account known": found.known}


def list_images(run: Run) -> Findings:
    """Custom images are listed."""
    return {"images": len(run.cvmimg("list"))}


def check(run: Run) -> Findings:
    """The checks of the scrap instance pass, and the quota is known."""
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
    process = _started(*words, "--online", "--tag", f"{run.tag_key}=yes")
    watched = _Watched()
    while process.poll() is None:
        watched.poll(run)
        time.sleep(POLL_SECONDS)
    done = _finished(process)
    if done.returncode != 0:
        raise StepFailed(_ended("create", done))
    run.image_id = json.loads(done.stdout)["image"]["id"]
    image = cvm.describe_image(run.cloud, run.image_id)
    snapshots = cbs.describe_snapshots_by_id(
        run.cloud, [each.snapshot_id for each in image.snapshot_set]
    )
    age = [_hours_since(snapshot.create_time) for snapshot in snapshots]
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
    account = sts.identity(run.cloud).account_id
    resource = tag.image_resource(run.cloud.region, account, run.image_id)
    tag.tag_resource(run.cloud, resource, {f"{run.tag_key}-2": "yes"})
    tag.untag_resource(run.cloud, resource, [f"{run.tag_key}-2"])
    return {"resource name": "accepted"}


def launch_dry_run(run: Run) -> Findings:
    """A launch like the source is planned."""
    plan = run.cvmimg("launch", "--image", run.image_id, "--dry-run")
    return {"settings": len(plan["plan"]), "price": bool(plan["price"])}


def client_token(run: Run) -> Findings:
    """The same client token answers the same instances."""
    request = {**run.launch_request(), "ClientToken": secrets.token_hex(16)}
    for _ in range(2):
        run.launched = sorted({*run.launched, *cvm.run_instances(run.cloud, request)})
    if len(run.launched) != 1:
        raise StepFailed(f"one token launched {len(run.launched)} instances")
    return {"replayed": "the same instance"}


def runs(run: Run) -> Findings:
    """The new instance runs."""
    (instance_id,) = run.launched
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (state := cvm.describe_instance(run.cloud, instance_id).instance_state) == "PENDING":
        if time.monotonic() > deadline:
            break
        time.sleep(POLL_SECONDS)
    if state != "RUNNING":
        raise StepFailed(f"the instance is {state}")
    return {"state": state}


STEPS: tuple[tuple[str, Callable[[Run], Findings]], ...] = (
    ("identity", identity),
    ("list", list_images),
    ("check", check),
    ("unknown-tag", unknown_tag),
    ("dry-run", dry_run),
    ("price", price),
    ("create-online", create_online),
    ("tags", tags),
    ("launch-dry-run", launch_dry_run),
    ("client-token", client_token),
    ("runs", runs),
)
_NEEDS_IMAGE = ("tags", "launch-dry-run", "client-token", "runs")


def clean_up(run: Run) -> Findings:
    """Terminate what was launched and delete the image with its snapshots."""
    if run.launched:
        cvm.terminate_instances(run.cloud, run.launched)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while run.launched and cvm.describe_instances_by_id(run.cloud, run.launched):
        if time.monotonic() > deadline:
            raise StepFailed(f"still there: {run.launched}")
        time.sleep(POLL_SECONDS)
    images = cvm.describe_images(run.cloud, image_type=cvm.PRIVATE, name=run.name)
    for image in images:
        run.cvmimg("delete", image.image_id, "--force")
    return {"instances": len(run.launched), "images": len(images)}


# --- the report -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What came of a step."""

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
        return Result(step, False, {}, f"{error.code}: {error.message}")
    except (StepFailed, OSError, ValueError, subprocess.SubprocessError) as error:
        return Result(step, False, {}, str(error))


def report(results: list[Result], where: str) -> str:
    """The report, as Markdown without anything that belongs to the account."""
    anonymise = Anonymiser()
    settled: dict[str, list[str]] = defaultdict(list)
    for each in ASSUMPTIONS:
        settled[each.settled_by].append(each.id)
    lines = [f"# Conformance run against {where}", "", "| step | result | found | about |"]
    lines.append("|---|---|---|---|")
    for result in results:
        found = "; ".join(f"{name}: {_shown(value)}" for name, value in result.findings.items())
        about = ", ".join(settled[result.step])
        text = anonymise(result.error or found).replace("|", "\\|").replace("\n", " ")
        lines.append(
            f"| {result.step} | {'ok' if result.passed else 'FAILED'} | {text} | {about} |"
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


def _hours_since(moment: datetime | None) -> float:
    if moment is None:
        return float("inf")
    return abs((datetime.now(timezone.utc) - moment).total_seconds()) / 3600


def connect(recorder: Recorder) -> Cloud:
    """The cloud that the environment names."""
    places = Places(os.environ, Path.home())
    url = os.environ.get("CVMIMG_ENDPOINT", "")
    region = os.environ.get("CVMIMG_REGION") or find_region(places).name
    if not region:
        raise SystemExit("set TENCENTCLOUD_REGION")
    return Cloud.connect(
        find_credentials(places),
        region,
        endpoint=Endpoint.parse(url) if url else None,
        adapter=recorder,
        clock=SystemClock(),
    )


def main(arguments: list[str] | None = None) -> int:
    """Ask, run all steps, clean up, write the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instance", required=True, help="a scrap instance (ins-…), running")
    parser.add_argument("--out", type=Path, default=Path("conformance"), help="folder to write to")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    given = parser.parse_args(arguments)

    recorder = Recorder()
    run = Run(connect(recorder), given.instance)
    model = run.instance()
    print(
        f"In {run.cloud.region}, this creates an image of {run.instance_id} while it runs, launches"
        f" one {model.instance_type} from it, and deletes both. It costs an instance and a"
        f" {model.system_disk.disk_size} GiB snapshot for less than an hour."
    )
    if not given.yes and input("Continue? [y/N] ").strip().lower() != "y":
        return 1
    results = []
    try:
        for step, work in STEPS:
            results.append(perform(step, work, run))
            print(f"{step}: {'ok' if results[-1].passed else results[-1].error}", flush=True)
    finally:
        results.append(perform("clean-up", clean_up, run))
    where = "the sandbox" if run.cloud.link.endpoint.loopback else "Tencent Cloud"
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "report.md").write_text(report(results, where), encoding="utf-8")
    today = datetime.now(timezone.utc).date().isoformat()
    recorder.write(given.out / "recordings" / f"{today}-{run.cloud.region}")
    print(f"the report is in {given.out / 'report.md'}")
    return 0 if all(result.passed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
