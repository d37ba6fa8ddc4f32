"""``cvmimg family``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cvmimg.cli.list_options import (
    LIST_SECTION,
    ListView,
    found_by,
    list_options,
)
from cvmimg.cli.options import FAMILY, all_regions_option, flag, image_argument
from cvmimg.cli.render.families import FAMILY_KEYS, HISTORY_KEYS
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import Group
from cvmimg.message import Message

if TYPE_CHECKING:
    from cvmimg.durable.session import Session
    from cvmimg.workflows.family.plan import FamilyPlan


@click.group(
    "family",
    cls=Group,
    examples=(
        "cvmimg family list",
        "cvmimg family promote web-v3",
        "cvmimg family rollback web --reason 'fails the health check'",
    ),
)
def command() -> None:
    """Show and change which image a family serves.

    A family serves the newest of its images that is ready and not deprecated.
    """


@command.command(
    "list",
    examples=("cvmimg family list", "cvmimg family list --all-regions --sort created_at:desc"),
    sections=LIST_SECTION,
)
@all_regions_option("List the families of all regions.")
@list_options(FAMILY_KEYS)
@click.pass_obj
def list_command(invocation: Invocation, all_regions: bool, view: ListView) -> None:
    """List families with the image that each serves."""
    from cvmimg.cli.render.families import family_list
    from cvmimg.cli.session import open_cloud
    from cvmimg.workflows.family.families import list_families

    with open_cloud(invocation) as cloud:
        families, failure = found_by(lambda: list_families(cloud, all_regions=all_regions))
    view.emit(family_list(families, all_regions=all_regions), invocation.settings, failure=failure)


@command.command(
    "history",
    examples=("cvmimg family history web", "cvmimg family history web -o json"),
    sections=LIST_SECTION,
)
@click.argument("family", type=FAMILY)
@list_options(HISTORY_KEYS)
@click.pass_obj
def history_command(invocation: Invocation, family: str, view: ListView) -> None:
    """Show which image a family served when, latest first.

    The times come from the images' creation and from tags. An image that was deprecated by
    another program counts as serving until the next one was created.
    """
    from cvmimg.cli.render.families import family_history
    from cvmimg.cli.session import open_cloud
    from cvmimg.cloud import cvm
    from cvmimg.errors import NotFound
    from cvmimg.suggest import did_you_mean
    from cvmimg.workflows.family.families import family_names, members
    from cvmimg.workflows.family.history import history

    with open_cloud(invocation) as cloud:
        listed = cvm.describe_images(cloud, image_type=cvm.PRIVATE)
        images = members(listed, family)
        if not images:
            message = Message("FamilyNotFound", family=family, region=cloud.region)
            raise NotFound(message, hint=did_you_mean(family, lambda: family_names(listed)))
    view.emit(family_history(history(images)), invocation.settings)


@command.command(
    "promote",
    examples=(
        "cvmimg family promote web-v3",
        "cvmimg family promote img-1a2b3c4d --family web --yes",
    ),
)
@image_argument
@click.option(
    "--family",
    type=FAMILY,
    help="Family to serve the image from. [default: the image's own]",
)
@click.pass_obj
def promote_command(invocation: Invocation, image: str, family: str | None) -> None:
    """Serve an image from its family.

    Use it for an image created with --no-promote, or to return to an older one. Because the API
    serves the newest image that is not deprecated, the newer images of the family are deprecated.
    """
    from cvmimg.cli.session import open_session
    from cvmimg.workflows.family.plan import plan_promotion
    from cvmimg.workflows.find_image import find_image

    with open_session(invocation) as session:
        plan = plan_promotion(session.cloud, find_image(session.cloud, image), family or "")
        _carry_out(invocation, session, plan, "promote")


@command.command(
    "rollback",
    examples=("cvmimg family rollback web", 'cvmimg family rollback web --reason "does not boot"'),
)
@click.argument("family", type=FAMILY)
@click.option(
    "--reason",
    metavar="TEXT",
    default="rolled back",
    show_default=True,
    help="Why the image must not be launched, kept as a tag.",
)
@flag("--force", "Revoke the image even if the family then serves none.")
@click.pass_obj
def rollback_command(invocation: Invocation, family: str, reason: str, force: bool) -> None:
    """Revoke the image that a family serves.

    The image is deprecated, so that the one before it serves again, and tagged cvmimg-revoked;
    `cvmimg launch` refuses it from then on.
    Instances launched from it are not affected: `cvmimg lineage IMAGE --affected` lists them.
    """
    from cvmimg.cli.session import open_session
    from cvmimg.workflows.family.plan import plan_rollback

    with open_session(invocation) as session:
        plan = plan_rollback(session.cloud, family, reason, force=force)
        _carry_out(invocation, session, plan, "rollback")


def _carry_out(invocation: Invocation, session: Session, plan: FamilyPlan, action: str) -> None:
    """Show a plan, ask, change the family, and print what it serves then."""
    from cvmimg.cli.ask import confirm
    from cvmimg.cli.render import emit
    from cvmimg.cli.render.families import family_change
    from cvmimg.workflows.family.operation import change_family

    image = plan.after if action == "promote" else plan.before
    region = session.cloud.region
    if plan.edits and image is not None:
        _warn_of_users(session, plan)
        question = Message(
            f"family.confirm-{action}",
            image=image.image_id,
            name=image.image_name,
            family=plan.family,
        )
        confirm(question, invocation.settings)
        change_family(session, plan)
    emit(family_change(plan, region), invocation.settings, after_change=bool(plan.edits))


def _warn_of_users(session: Session, plan: FamilyPlan) -> None:
    """Warn about what launches from the family, or from an image that is about to be revoked."""
    from cvmimg.errors import CvmimgError
    from cvmimg.workflows.family.users import family_use

    if plan.before is None:
        return
    try:
        use = family_use(session.cloud, plan.family, plan.before)
    except CvmimgError as error:
        unknown = Message("FamilyUseUnknown", family=plan.family, error=error.message)
        session.progress.notice(unknown)
        return
    after = plan.after.image_id if plan.after else "-"
    if use.by_family:
        users = list(use.by_family)
        session.progress.notice(
            Message("FamilyUsers", family=plan.family, image=after, users=users)
        )
    if use.by_image:
        users = list(use.by_image)
        session.progress.notice(
            Message("FamilyImageUsers", image=plan.before.image_id, users=users)
        )
