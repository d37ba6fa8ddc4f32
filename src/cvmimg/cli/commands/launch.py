"""``cvmimg launch``."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cvmimg.checks.registry import LAUNCH_FIXES
from cvmimg.cli import options as of
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import subcommand
from cvmimg.cloud.limits import USER_DATA_BYTES
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.cli.render import Result
    from cvmimg.cli.run_report import RunReport
    from cvmimg.workflows.launch.request import LaunchRequest
    from cvmimg.workflows.launch.settings import NewDisk

_SECTIONS = {
    "Settings of the instances": (
        "zone",
        "type",
        "vpc",
        "subnet",
        "security_groups",
        "name",
        "hostname",
        "keys",
        "keep_login",
        "user_data",
        "fixes",
        "public_ip_bandwidth",
        "tags",
        "inherit_tags",
        "agent",
    ),
    "Disks": (
        "system_disk",
        "data_disks",
        "data_snapshots",
        "data_from",
        "delete_snapshots_after",
    ),
    "Billing": ("charge_type", "spot_price"),
}
_FIX_GROUPS = ("identity",)
_CHARGE_TYPES = ("POSTPAID_BY_HOUR", "PREPAID", "SPOTPAID")


def _encoded(_: click.Context, __: click.Parameter, path: Path | None) -> str | None:
    """Return the file's content as the API takes it."""
    if path is None:
        return None
    if path.stat().st_size > USER_DATA_BYTES:
        of.refuse(Message("UserDataTooLarge", path=str(path)))
    return base64.b64encode(path.read_bytes()).decode()


def _unless_given(_: click.Context, __: click.Parameter, given: bool) -> bool | None:
    """Turn a flag --no-x into the setting x, which stays unset without the flag."""
    return False if given else None


@subcommand(
    "launch",
    sections=_SECTIONS,
    examples=(
        "cvmimg launch web-v2 --count 3",
        "cvmimg launch family:web --like ins-1a2b3c4d --name 'web-{R:1}' --yes",
        "cvmimg launch web-v2 --zone ap-guangzhou-6 --type S5.MEDIUM4 --dry-run",
    ),
)
@click.argument("reference", metavar="[IMAGE]", type=of.IMAGE, required=False)
@click.option("--image", type=of.IMAGE, help="Image to launch from.")
@click.option(
    "--count",
    type=of.COUNT,
    default=1,
    show_default=True,
    help="Number of instances, up to 500.",
)
@click.option("--min-count", type=of.COUNT, help="Minimum number of instances that must launch.")
@click.option(
    "--like",
    type=of.INSTANCE,
    callback=of.or_empty,
    help="Instance to copy settings from.",
)
@click.option(
    "--template",
    type=of.TEMPLATE_ID,
    callback=of.or_empty,
    help="Launch template to take missing settings from.",
)
@click.option("--zone", type=of.ZONE, help="Zone, such as ap-guangzhou-6.")
@click.option("--type", metavar="TYPE", help="Instance type, such as S5.MEDIUM4.")
@click.option("--vpc", type=of.VPC_ID, help="VPC of the instances.")
@click.option("--subnet", type=of.SUBNET_ID, help="Subnet of the VPC and zone.")
@of.repeatable("--security-group", "security_groups", of.SECURITY_GROUP_ID, "Security group")
@click.option("--name", type=of.NAME, help="Name of the instances; {R:1} numbers them from 1.")
@click.option(
    "--hostname", metavar="NAME", help="Host name of the instances; {R:1} numbers them from 1."
)
@of.repeatable("--key", "keys", of.KEY_ID, "SSH key")
@of.flag("--keep-login", "Keep the image's own passwords and keys.")
@click.option(
    "--system-disk", type=of.DISK, help="Type and GiB of the system disk, such as CLOUD_SSD:100."
)
@of.repeatable("--data-disk", "data_disks", of.DISK, "Type and GiB of a new data disk")
@of.repeatable(
    "--data-snapshot",
    "data_snapshots",
    of.DATA_SNAPSHOT,
    "Snapshot to create a data disk from, with a size and type",
)
@click.option(
    "--data-from",
    type=of.INSTANCE,
    help="Instance whose data disks are snapshotted now and copied to the new instances.",
)
@of.flag(
    "--delete-snapshots-after", "Delete the snapshots of --data-from when the new disks are ready."
)
@click.option(
    "--user-data",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    callback=_encoded,
    help="Script to run at first boot, up to 16 KB.",
)
@click.option(
    "--fix",
    "fixes",
    type=click.Choice((*LAUNCH_FIXES, *_FIX_GROUPS)),
    metavar="ID",
    multiple=True,
    help=f"Check whose findings to fix at first boot, by user data: {', '.join(LAUNCH_FIXES)}, or"
    " identity for all of these; repeatable.",
)
@click.option(
    "--charge-type",
    type=click.Choice(_CHARGE_TYPES, case_sensitive=False),
    metavar="TYPE",
    help=f"Billing: {', '.join(_CHARGE_TYPES[:-1])} or {_CHARGE_TYPES[-1]}.",
)
@click.option(
    "--spot-price",
    type=of.PRICE,
    help="Maximum price per hour of a spot instance; implies SPOTPAID.",
)
@click.option(
    "--public-ip-bandwidth",
    type=of.whole_number(0, 65535),
    metavar="MBIT",
    help="Public bandwidth in Mbit/s; 0 for no public IP.",
)
@of.tag_option("Tag to add to the instances")
@of.flag(
    "--no-inherit-tags",
    "Do not copy the tags of the instance that the settings come from.",
    negates="inherit_tags",
)
@click.option(
    "--no-agent",
    "agent",
    is_flag=True,
    callback=_unless_given,
    help="Do not install the automation agent.",
)
@of.flag("--force", "Launch the image even if it was revoked.")
@click.option(
    "--operation-id",
    type=of.OPERATION_ID,
    callback=of.or_empty,
    help="Id of the operation; repeating the command with the same id continues it.",
)
@of.flag("--dry-run", "Show and check the plan; launch nothing.")
@of.flag("--no-wait", "Return as soon as the instance ids are known.", negates="wait")
@of.timeout_option
@of.output_file_option
@click.pass_obj
def command(
    invocation: Invocation,
    /,
    reference: str | None,
    image: str | None,
    fixes: tuple[str, ...],
    data_from: str | None,
    delete_snapshots_after: bool,
    operation_id: str,
    dry_run: bool,
    wait: bool,
    timeout_seconds: float,
    output_files: tuple[Path, ...],
    **options: Any,
) -> None:
    """Launch instances from an image.

    The IMAGE can also be given with --image. Missing settings come from --like, else from the
    profile, else from the instance that the image was created from, else from the API's defaults.
    The plan and its price are shown and must be confirmed.
    """
    from cvmimg.cli.ask import confirm
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.launched import launched, planned, price_text
    from cvmimg.cli.render.table import write_table
    from cvmimg.cli.run_report import RunReport
    from cvmimg.cli.session import open_session, reported
    from cvmimg.durable.named import OperationName, fingerprint
    from cvmimg.workflows.find_image import find_image
    from cvmimg.workflows.launch.earlier_run import continue_lost_launch
    from cvmimg.workflows.launch.operation import (
        DataSource,
        LaunchFailed,
        continue_launch,
        launch,
    )
    from cvmimg.workflows.launch.plan import plan_launch
    from cvmimg.workflows.launch.request import LaunchRequest
    from cvmimg.workflows.snapshot.plan import plan_snapshots

    settings = invocation.settings
    request = LaunchRequest(
        image=of.one_or_other(reference, image, "--image"),
        fixes=LAUNCH_FIXES if set(_FIX_GROUPS) & set(fixes) else tuple(dict.fromkeys(fixes)),
        profile=invocation.profile.launch_settings(),
        **_with_settings(**options),
    )
    _require_compatible(request, data_from, delete_snapshots_after)
    asked = f"{fingerprint(request)} {data_from} {delete_snapshots_after}"
    name = OperationName(operation_id, asked) if operation_id else OperationName()
    report = RunReport("launch", operation_id)
    with reported(invocation, report, output_files), open_session(invocation) as session:
        if name.id and not dry_run:
            known = continue_launch(session, name, timeout_seconds=timeout_seconds)
            if known is not None:
                _emit(invocation, report, launched(known))
                return
        found = find_image(session.cloud, request.image)
        if name.id and not dry_run:
            lost = continue_lost_launch(
                session,
                name,
                found.image_id,
                request.count,
                timeout_seconds=timeout_seconds,
                wait=wait,
            )
            if lost is not None:
                _emit(invocation, report, launched(lost), found.image_name)
                return
        source = None
        if data_from:
            source = DataSource.from_plan(plan_snapshots(session.cloud, data_from))
            request = source.as_planned(request)
        plan = plan_launch(session.cloud, request, found)
        report.cost = price_text(plan.quote)
        if dry_run:
            emit(planned(plan), settings)
            return
        confirm(
            Message("launch.confirm", count=plan.count, image=plan.image.image_name),
            settings,
            show=lambda stream: write_table(planned(plan), settings, stream=stream),
        )
        try:
            result = launch(
                session,
                plan,
                timeout_seconds=timeout_seconds,
                wait=wait,
                data_from=source,
                delete_snapshots=delete_snapshots_after,
                name=name,
            )
        except LaunchFailed as error:
            _emit(invocation, report, launched(error.result), found.image_name)
            raise
        _emit(invocation, report, launched(result), found.image_name)


def _emit(invocation: Invocation, report: RunReport, result: Result, image_name: str = "") -> None:
    from cvmimg.cli.render import emit

    report.note_launched(result.document, image_name)
    emit(result, invocation.settings, after_change=True)


def _require_compatible(request: LaunchRequest, data_from: str | None, delete_after: bool) -> None:
    given = request.settings
    if delete_after and not data_from:
        of.refuse(Message("OptionNeeds", option="--delete-snapshots-after", other="--data-from"))
    if data_from and given.data_disks:
        of.exclusive("--data-from", "--data-disk or --data-snapshot")
    if request.min_count is not None and request.min_count > request.count:
        of.refuse(Message("MinCountTooLarge", min_count=request.min_count, count=request.count))
    if given.keys and given.keep_login:
        of.exclusive("--key", "--keep-login")


def _with_settings(
    *,
    data_disks: tuple[NewDisk, ...],
    data_snapshots: tuple[NewDisk, ...],
    keep_login: bool,
    charge_type: str | None,
    spot_price: str | None,
    **others: Any,
) -> dict[str, Any]:
    """Return the fields of a request, with those of its settings taken from them."""
    from cvmimg.workflows.launch.settings import LaunchSettings

    names = LaunchSettings.model_fields.keys() & others.keys()
    settings = LaunchSettings(
        data_disks=(*data_disks, *data_snapshots),
        keep_login=keep_login or None,
        charge_type=charge_type or ("SPOTPAID" if spot_price else None),
        spot_price=spot_price,
        **{name: others.pop(name) for name in names},
    )
    return {"settings": settings, **others}
