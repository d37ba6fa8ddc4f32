"""``cvmimg launch``."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cvmimg.cli import options as of
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Command
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.workflows.launch.plan import LaunchRequest

_MOST_USER_DATA = 16 * 1024
_CHARGE_TYPES = ("POSTPAID_BY_HOUR", "PREPAID", "SPOTPAID")


@click.command("launch", cls=Command)
@click.option("--image", type=of.IMAGE, metavar="IMAGE", required=True, help="What to start from.")
@click.option("--count", metavar="N", type=of.COUNT, default=1, show_default=True, help="How many.")
@click.option(
    "--min-count", metavar="N", type=of.COUNT, help="How many are enough if not all can be had."
)
@click.option("--like", type=of.INSTANCE, metavar="INSTANCE", help="Copy this instance.")
@click.option(
    "--template", type=of.TEMPLATE_ID, metavar="LT", help="Take the rest from this template."
)
@click.option("--zone", type=of.ZONE, help="The zone, such as ap-guangzhou-6.")
@click.option("--type", metavar="TYPE", help="The instance type, such as S5.MEDIUM4.")
@click.option("--vpc", type=of.VPC_ID, metavar="VPC", help="The network.")
@click.option("--subnet", type=of.SUBNET_ID, metavar="SUBNET", help="Its subnet in the zone.")
@click.option(
    "--security-group",
    "security_groups",
    type=of.SECURITY_GROUP_ID,
    metavar="SG",
    multiple=True,
    help="A security group; repeatable.",
)
@click.option("--name", type=of.NAME, help="Their name; {R:1} in it counts them.")
@click.option("--hostname", metavar="NAME", help="Their host name; likewise.")
@click.option(
    "--key", "keys", type=of.KEY_ID, metavar="SKEY", multiple=True, help="A login key; repeatable."
)
@click.option("--keep-login", is_flag=True, help="Keep the logins that are in the image.")
@click.option("--system-disk", type=of.DISK, help="Its type and size, such as CLOUD_SSD:100.")
@click.option(
    "--data-disk", "data_disks", type=of.DISK, multiple=True, help="A new disk; repeatable."
)
@click.option(
    "--data-snapshot",
    "data_snapshots",
    type=of.SNAPSHOT_ID,
    metavar="SNAP",
    multiple=True,
    help="A new disk with this snapshot's data; repeatable.",
)
@click.option(
    "--data-from",
    type=of.INSTANCE,
    metavar="INSTANCE",
    help="New disks with the data of this instance's data disks; makes snapshots of them first.",
)
@click.option(
    "--delete-snapshots-after",
    is_flag=True,
    help="Delete the snapshots of --data-from when the new disks are ready.",
)
@click.option(
    "--user-data",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    help="A script for the first boot, up to 16 KB.",
)
@click.option(
    "--charge-type",
    type=click.Choice(_CHARGE_TYPES, case_sensitive=False),
    metavar="TYPE",
    help=f"{', '.join(_CHARGE_TYPES[:-1])} or {_CHARGE_TYPES[-1]}.",
)
@click.option("--spot-price", type=of.PRICE, help="The most to pay an hour; means SPOTPAID.")
@click.option(
    "--public-ip-bandwidth", type=click.IntRange(0, 65535), metavar="MBIT", help="0 gives none."
)
@click.option("--tag", "tags", type=of.TAG, multiple=True, help="A tag of theirs; repeatable.")
@click.option("--dry-run", is_flag=True, help="Show and check the plan, start nothing.")
@click.option("--no-wait", is_flag=True, help="Leave as soon as the ids are known.")
@of.timeout_option
@click.pass_obj
def command(invocation: Invocation, /, **options: Any) -> None:
    """Start new instances from an image.

    What is not given comes from --like, from the profile, from the instance that the image was
    made from, and else from the API's defaults. The plan and its price are shown and confirmed.
    """
    from cvmimg.cli.ask import confirm
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.launched import launched, planned
    from cvmimg.cli.render.table import write_table
    from cvmimg.cli.session import open_session
    from cvmimg.workflows.find_image import find_image
    from cvmimg.workflows.launch.operation import DataSource, LaunchFailed, launch
    from cvmimg.workflows.launch.plan import plan_launch
    from cvmimg.workflows.snapshot.plan import plan_snapshots

    settings = invocation.settings
    timeout, wait = options.pop("timeout"), not options.pop("no_wait")
    dry_run = options.pop("dry_run")
    data_from, delete_after = options.pop("data_from"), options.pop("delete_snapshots_after")
    _require_sensible_data(data_from, delete_after, options)
    request = _request(invocation, options)
    with open_session(invocation) as session:
        image = find_image(session.cloud, request.image)
        source = None
        if data_from:
            source = DataSource.from_plan(plan_snapshots(session.cloud, data_from))
            request = source.as_planned(request)
        plan = plan_launch(session.cloud, request, image)
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
                timeout_seconds=timeout,
                wait=wait,
                data_from=source,
                delete_snapshots=delete_after,
            )
        except LaunchFailed as error:
            emit(launched(error.result), settings, after_change=True)
            raise
    emit(launched(result), settings, after_change=True)


def _require_sensible_data(
    data_from: str | None, delete_after: bool, options: dict[str, Any]
) -> None:
    if delete_after and not data_from:
        of.refuse("--delete-snapshots-after", "goes with --data-from")
    if data_from and (options["data_disks"] or options["data_snapshots"]):
        of.refuse("--data-from", "cannot go with --data-disk or --data-snapshot")


def _request(invocation: Invocation, options: dict[str, Any]) -> LaunchRequest:
    from cvmimg.workflows.launch.plan import LaunchRequest
    from cvmimg.workflows.launch.settings import LaunchSettings, NewDisk

    image, count, min_count, like, template = (
        options.pop(name) for name in ("image", "count", "min_count", "like", "template")
    )
    if min_count is not None and min_count > count:
        of.refuse("--min-count", f"{min_count} is more than --count {count}")
    if options["keys"] and options["keep_login"]:
        of.refuse("--key", "cannot go with --keep-login")
    from_snapshots = [NewDisk(snapshot_id=one) for one in options.pop("data_snapshots")]
    if options["spot_price"] and not options["charge_type"]:
        options["charge_type"] = "SPOTPAID"
    settings = LaunchSettings(
        data_disks=(*options.pop("data_disks"), *from_snapshots),
        keep_login=options.pop("keep_login") or None,
        user_data=_user_data(options.pop("user_data")),
        tags=dict(options.pop("tags")),
        **options,
    )
    return LaunchRequest(
        image=image,
        count=count,
        min_count=min_count,
        settings=settings,
        profile=invocation.profile.launch_settings(),
        like=like or "",
        template=template or "",
    )


def _user_data(path: Path | None) -> str | None:
    """The file as the API takes it."""
    if path is None:
        return None
    if path.stat().st_size > _MOST_USER_DATA:
        of.refuse("--user-data", f"{path} is larger than 16 KB; make it smaller")
    return base64.b64encode(path.read_bytes()).decode()
