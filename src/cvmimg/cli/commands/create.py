"""``cvmimg create``."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from cvmimg.checks.registry import CREATE_FIXES
from cvmimg.cli.guest_options import GuestOptions
from cvmimg.cli.options import (
    INSTANCE,
    NAME,
    OPERATION_ID,
    SNAPSHOT_ID,
    TAG,
    flag,
    or_empty,
    output_file_option,
    repeatable,
    require_tag_option,
    timeout_option,
    whole_number,
)
from cvmimg.cli.settings import Invocation
from cvmimg.cli.shared import require_given, subcommand
from cvmimg.cli.skip_probe import skip_probe_option
from cvmimg.cli.source import SECTIONS, image_options, source_options
from cvmimg.errors import CvmimgError
from cvmimg.message import Message

if TYPE_CHECKING:
    from pathlib import Path

    from cvmimg.cli.render import Result
    from cvmimg.durable.session import Session
    from cvmimg.guest.access import AccessMethod
    from cvmimg.workflows.create.plan import CreatePlan
    from cvmimg.workflows.create.request import CreateRequest


@subcommand(
    "create",
    sections=SECTIONS,
    examples=(
        "cvmimg create ins-1a2b3c4d --name web-v2",
        "cvmimg create ins-1a2b3c4d --name web-v2 --stop --family web",
        "cvmimg create ins-1a2b3c4d --name web-v2 --dry-run",
    ),
)
@click.argument("references", metavar="[INSTANCE]...", type=INSTANCE, nargs=-1)
@repeatable("--instance", "instance_ids", INSTANCE, "Instance to image")
@click.option(
    "--select",
    type=TAG,
    metavar="K=V",
    multiple=True,
    help="Image every instance with this tag; repeatable, all must match.",
)
@repeatable(
    "--snapshot",
    "snapshot_ids",
    SNAPSHOT_ID,
    "Snapshot to create the image from instead, exactly one of a system disk",
)
@click.option("--name", type=NAME, help="Name of the image, up to 60 characters.")
@image_options
@source_options
@flag("--force-stop", "Like --stop, but force power-off if that fails.")
@flag("--no-restart", "Leave the instance stopped afterwards.", negates="restart")
@flag("--fix-fstab", "Comment out failing fstab lines while imaging; restore them afterwards.")
@require_tag_option
@click.option(
    "--fix",
    "fixes",
    type=click.Choice(CREATE_FIXES),
    metavar="ID",
    multiple=True,
    help=f"Check whose findings to fix in the same way: {' or '.join(CREATE_FIXES)}; repeatable.",
)
@click.option(
    "--replace-oldest",
    metavar="PATTERN",
    default="",
    help="If the quota is full, first delete the oldest unused image that matches:"
    " family:NAME or a glob of names.",
)
@click.option(
    "--operation-id",
    type=OPERATION_ID,
    callback=or_empty,
    help="Id of the operation; repeating the command with the same id continues it.",
)
@flag(
    "--take-over",
    "Confirm that an earlier run of --operation-id, whose machine is lost, has ended: restore"
    " what it left, then continue.",
)
@flag("--verify", "Prove that the image boots before it serves its family (see cvmimg verify).")
@skip_probe_option("Probe of --verify to skip")
@flag("--delete-on-failure", "Delete the image if it fails verification.")
@click.option(
    "--keep",
    type=whole_number(1),
    help="Delete unused older images, except the newest N of the family (or, without --family, of"
    " the instance).",
)
@flag(
    "--no-promote",
    "Do not serve the image from its family until it is promoted.",
    negates="promote",
)
@flag("--dry-run", "Run every check and change nothing.")
@flag("--no-wait", "Return as soon as the image is being created.", negates="wait")
@timeout_option
@output_file_option
@click.pass_obj
def command(
    invocation: Invocation,
    /,
    references: tuple[str, ...],
    instance_ids: tuple[str, ...],
    select: tuple[tuple[str, str], ...],
    output_files: tuple[Path, ...],
    guest: GuestOptions,
    **options: Any,
) -> None:
    """Create an image of an instance.

    All checks run before anything is changed. An instance that must be shut down is only shut down
    with --stop, and is started again afterwards. Several instances are imaged in parallel; --name
    can contain {instance_name}, {instance_id} and {date:%Y%m%d}. An INSTANCE can also be given with
    --instance.
    """
    from cvmimg.cli.ci import operation_id
    from cvmimg.cli.run_report import RunReport
    from cvmimg.cli.session import open_session, reported
    from cvmimg.workflows.create.request import CreateRequest

    instance_ids = (*references, *instance_ids)
    require_given(
        {
            "--instance (or --select or --snapshot)": (
                instance_ids or select or options["snapshot_ids"]
            ),
            "--name": options["name"],
        }
    )
    method = guest.access_method()
    request = CreateRequest(
        instance_id=instance_ids[0] if len(instance_ids) == 1 else "", **options
    )
    if not request.operation_id:
        in_ci = operation_id(invocation.environment, request.fingerprint)
        request = replace(request, operation_id=in_ci)
    several = len(instance_ids) > 1 or bool(select)
    if not several:
        request.require_valid()
    report = RunReport("create", request.operation_id)
    with (
        reported(invocation, report, output_files),
        open_session(invocation, show_checks=several or not request.dry_run) as session,
    ):
        if several:
            _create_many(invocation, session, request, method, instance_ids, select)
        else:
            _create_one(invocation, session, request, method)


def _create_one(
    invocation: Invocation, session: Session, request: CreateRequest, method: AccessMethod
) -> None:
    from cvmimg.cli.render.created import created
    from cvmimg.cli.take_over import confirm_start
    from cvmimg.workflows.create.many import requests_for, select_instances
    from cvmimg.workflows.create.names import has_placeholder
    from cvmimg.workflows.create.operation import create
    from cvmimg.workflows.find_instance import find_instance_id

    if has_placeholder(request.name) and request.instance_id:
        instances = select_instances(session.cloud, [request.instance_id], ())
        (request,) = requests_for(session, request, instances)
    elif request.instance_id:
        instance_id = find_instance_id(session.cloud, request.instance_id)
        request = replace(request, instance_id=instance_id)
    region, command_line = session.cloud.region, invocation.command_line
    try:
        result = create(
            session,
            request,
            method,
            approve=partial(_approve, invocation),
            approve_restore=partial(confirm_start, invocation),
        )
    except CvmimgError as error:
        if error.result is not None:
            _emit(invocation, created(error.result, region, command_line), request)
        raise
    _emit(invocation, created(result, region, command_line), request)


def _create_many(
    invocation: Invocation,
    session: Session,
    request: CreateRequest,
    method: AccessMethod,
    instance_ids: tuple[str, ...],
    select: tuple[tuple[str, str], ...],
) -> None:
    from cvmimg.cli.render.created import created_many, require_all
    from cvmimg.cli.take_over import confirm_start
    from cvmimg.workflows.create.many import create_many, requests_for, select_instances

    instances = select_instances(session.cloud, instance_ids, select)
    requests = requests_for(session, request, instances)
    outcomes = create_many(
        session,
        requests,
        method,
        approve=partial(_approve, invocation),
        approve_restore=partial(confirm_start, invocation),
    )
    names = {each.instance_id: each.name for each in requests}
    _emit(invocation, created_many(outcomes, names, session.cloud.region), request)
    require_all(outcomes)


def _emit(invocation: Invocation, result: Result, request: CreateRequest) -> None:
    from cvmimg.cli.render import emit

    if invocation.report:
        invocation.report.note_created(result.document)
    emit(result, invocation.settings, after_change=not request.dry_run)


def _approve(invocation: Invocation, plan: CreatePlan) -> None:
    """Ask before images are deleted to make room, or because the new one replaces them."""
    from cvmimg.cli.ask import confirm

    if plan.replaces is not None:
        question = Message("ConfirmReplace", image=plan.replaces.id, name=plan.replaces.name)
        confirm(question, invocation.settings)
    if plan.prunes is not None and plan.prunes.deletions:
        count = len(plan.prunes.deletions)
        confirm(Message("ConfirmPrune", count=count), invocation.settings)
