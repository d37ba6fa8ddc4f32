"""What cvmimg believes about the real service without a recorded response that shows it.

``docs/assumptions.md`` is made from this list, a test holds its references against the code, and
``make conformance`` settles what it can.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Certainty(Enum):
    """Where a belief comes from, the most certain first."""

    DESCRIBED = "stated by the official API description or error tables"
    CLIENTS = "relied on by widely used clients"
    LIKELY = "likely, not stated anywhere"


@dataclass(frozen=True)
class Assumption:
    """One belief.

    Attributes:
        id: a stable name.
        belief: what is taken to be so.
        certainty: how certain it is.
        used_by: what depends on it, as dotted names of the code.
        if_wrong: what happens then.
        settled_by: the step of the conformance run that shows it; empty if none can.
    """

    id: str
    belief: str
    certainty: Certainty
    used_by: tuple[str, ...]
    if_wrong: str
    settled_by: str = ""


ASSUMPTIONS = (
    Assumption(
        "create-image-no-token",
        "CreateImage has no client token: sending it twice creates two images or returns"
        " InvalidImageName.Duplicate.",
        Certainty.DESCRIBED,
        ("cvmimg.cloud.cvm.create_image", "cvmimg.cloud.find_ours.find_image"),
        "The search for the image after a lost response is unnecessary, but does no harm.",
    ),
    Assumption(
        "dry-run-answer",
        "A dry run that passes returns DryRunOperation or a plain RequestId, and creates nothing.",
        Certainty.DESCRIBED,
        ("cvmimg.cloud.cvm.dry_run",),
        "A response with an id raises the error DryRunIgnored, which names what was created."
        " CreateImage's dry run does not request a shutdown, so no server is stopped by it.",
        "dry-run",
    ),
    Assumption(
        "new-tag-keys",
        "CreateImage with a TagSpecification creates tag keys that do not exist yet.",
        Certainty.LIKELY,
        ("cvmimg.workflows.create.tags.ImageTags",),
        "The image is created without tags, and tagged with TagResources when it is ready.",
        "create-online",
    ),
    Assumption(
        "whole-machine-codes",
        "An account that may not create whole-machine images is refused with"
        " InstanceImageNotSupport or NotSupportInstanceImage.",
        Certainty.LIKELY,
        ("cvmimg.cloud.errors.NO_WHOLE_MACHINE",),
        "The refusal comes without the hint to snapshot the data disks instead.",
    ),
    Assumption(
        "unknown-tag-filter",
        "A filter by a tag key that does not exist finds nothing, or returns TagKeyNotFound.",
        Certainty.DESCRIBED,
        ("cvmimg.cloud.answers.read_pages",),
        "Another code would stop the search for an image whose response was lost; nothing is"
        " created twice.",
        "unknown-tag",
    ),
    Assumption(
        "late-tags",
        "Tags of a new image can appear some time after its id.",
        Certainty.CLIENTS,
        ("cvmimg.cloud.find_ours.find_image", "cvmimg.workflows.create.tags.ImageTags"),
        "None: an image without the tag is also found by name, time and source disks, and cvmimg"
        " waits for tags that do not show yet.",
        "create-online",
    ),
    Assumption(
        "image-names-unique",
        "The name of a custom image is unique in its region.",
        Certainty.DESCRIBED,
        ("cvmimg.cloud.find_ours.find_image",),
        "An image of the same name, time and source disks that someone else made would be taken for"
        " ours.",
    ),
    Assumption(
        "image-visible-late",
        "A new image or snapshot can be missing from listings for up to two minutes.",
        Certainty.CLIENTS,
        ("cvmimg.cloud.waiter.VISIBLE_WITHIN_SECONDS",),
        "A wait ends with NotFound although the image is being created; `cvmimg wait` continues.",
        "create-online",
    ),
    Assumption(
        "create-percent",
        "DescribeImages returns CreatePercent while an image is being created, although it is not"
        " documented.",
        Certainty.CLIENTS,
        ("cvmimg.cloud.models.Image",),
        "The percentage comes from the image's snapshots, or is estimated from past durations.",
        "create-online",
    ),
    Assumption(
        "latest-operation-while-imaging",
        "An instance that is being imaged shows LatestOperation CreateImage in state OPERATING.",
        Certainty.LIKELY,
        ("cvmimg.workflows.wait.settled_task",),
        "cvmimg does not wait for an instance that is being imaged before its next change; the"
        " API refuses that change as busy, and it is retried.",
        "create-online",
    ),
    Assumption(
        "latest-operation-request-id",
        "LatestOperationRequestId is the RequestId of the call that started the operation.",
        Certainty.DESCRIBED,
        ("cvmimg.workflows.wait.power_task",),
        "A failed shutdown is noticed only at the timeout.",
    ),
    Assumption(
        "online-rule",
        "Online imaging is for instances made after July 2018 from a public image with a cloud"
        " system disk; the API itself does not refuse others.",
        Certainty.CLIENTS,
        ("cvmimg.checks.power",),
        "None: `--skip-check power` overrides the rule, and the API has the last word.",
    ),
    Assumption(
        "image-quota",
        "DescribeImageQuota returns the limit for custom images in the region (10 or 500).",
        Certainty.DESCRIBED,
        ("cvmimg.cloud.cvm.describe_image_quota",),
        "The quota check passes, and CreateImage returns ImageQuotaLimitExceeded.",
        "check",
    ),
    Assumption(
        "client-token",
        "RunInstances with a ClientToken that was used before returns the same instances.",
        Certainty.DESCRIBED,
        ("cvmimg.cloud.cvm.run_instances", "cvmimg.workflows.launch.operation"),
        "A launch whose response was lost is reported as unknown, with the candidates.",
        "client-token",
    ),
    Assumption(
        "vanished-instances",
        "The service removes instances that failed to launch.",
        Certainty.CLIENTS,
        ("cvmimg.workflows.wait.launch_task",),
        "None: an instance in state LAUNCH_FAILED counts as failed as well.",
    ),
    Assumption(
        "data-disks-only-if-asked",
        "RunInstances creates no data disk that is not in DataDisks, and DataDisks[].SnapshotId"
        " needs a DiskSize.",
        Certainty.DESCRIBED,
        ("cvmimg.workflows.launch.data_disks.complete",),
        "New instances would have the image's data disks twice.",
    ),
    Assumption(
        "agent-off-by-default",
        "Instances from custom images get the automation agent only if EnhancedService asks for"
        " it.",
        Certainty.DESCRIBED,
        ("cvmimg.workflows.launch.run_request.run_request",),
        "None: asking for it twice changes nothing.",
    ),
    Assumption(
        "price-total",
        "InquiryPriceRunInstances returns the price of all its instances together.",
        Certainty.LIKELY,
        ("cvmimg.cloud.price.quote_price",),
        "The price for each instance is shown too low.",
        "price",
    ),
    Assumption(
        "price-currency",
        "Prices are in CNY, and in USD on the hosts for international accounts.",
        Certainty.LIKELY,
        ("cvmimg.cloud.price.quote_price",),
        "The wrong currency is shown.",
        "price",
    ),
    Assumption(
        "price-limits",
        "InquiryPriceRunInstances takes fewer parameters than RunInstances, and at most 100"
        " instances.",
        Certainty.DESCRIBED,
        ("cvmimg.cloud.price.quote_price",),
        "The plan says why there is no price; the launch proceeds.",
        "price",
    ),
    Assumption(
        "template-versions",
        "DescribeLaunchTemplateVersions stops at version 30 unless MaxVersion is given.",
        Certainty.DESCRIBED,
        ("cvmimg.cloud.cvm.describe_launch_template_versions",),
        "The use of an image in newer versions is overlooked, and the image can be deleted.",
    ),
    Assumption(
        "local-disks-unknown",
        "DescribeDisks and snapshots only know cloud disks (CLOUD_*).",
        Certainty.CLIENTS,
        ("cvmimg.workflows.launch.disks.disks_like", "cvmimg.workflows.snapshot.plan"),
        "Local disks are omitted, although they could be included.",
    ),
    Assumption(
        "recycled-snapshots",
        "A snapshot in state TORECYCLE is deleted and waits in the recycle bin.",
        Certainty.DESCRIBED,
        ("cvmimg.cloud.states.SNAPSHOT_GONE",),
        "Such snapshots are not listed, although they are charged.",
    ),
    Assumption(
        "china-time",
        "cbs returns CreateTime in China time (UTC+8) without a time zone.",
        Certainty.DESCRIBED,
        ("cvmimg.cloud.models.Snapshot",),
        "Snapshots appear 8 hours younger or older, and those with a late tag are not recognized.",
        "create-online",
    ),
    Assumption(
        "stop-types",
        "StopInstances with SOFT never forces a power-off; SOFT_FIRST does after a while.",
        Certainty.DESCRIBED,
        ("cvmimg.cloud.cvm.stop_instances",),
        "A graceful shutdown could be forced.",
    ),
    Assumption(
        "already-so",
        "StopInstances of a stopped instance returns InstanceStateStopped, StartInstances of a"
        " running one InstanceStateRunning.",
        Certainty.DESCRIBED,
        ("cvmimg.cloud.errors.ALREADY_STOPPED", "cvmimg.cloud.errors.ALREADY_RUNNING"),
        "The operation ends with the API's refusal, and can be resumed.",
    ),
    Assumption(
        "busy-codes",
        "The codes of busy resources pass without intervention: InstanceOperationInProgress, live"
        " migration, disks and snapshots in use, tags being processed.",
        Certainty.DESCRIBED,
        ("cvmimg.cloud.errors.BUSY",),
        "A refusal that never passes is retried until the timeout.",
    ),
    Assumption(
        "tag-resource-names",
        "The tag service takes qcs::cvm:REGION:uin/UIN:image/ID, and the same for instances and"
        " snapshots.",
        Certainty.CLIENTS,
        ("cvmimg.cloud.tag.image_resource",),
        "Tags cannot be changed; the error is the resource's own.",
        "tags",
    ),
    Assumption(
        "failed-resources",
        "TagResources and UnTagResources return success with FailedResources for single failures.",
        Certainty.DESCRIBED,
        ("cvmimg.cloud.tag.tag_resource",),
        "None: an empty or missing list is a success.",
        "tags",
    ),
    Assumption(
        "caller-identity",
        "GetCallerIdentity needs no permission of its own.",
        Certainty.LIKELY,
        ("cvmimg.cloud.sts.account_id",),
        "The account of an operation is not known; it can only be resumed with the same key.",
        "identity",
    ),
    Assumption(
        "rejected-credentials",
        "AuthFailure codes (except AuthFailure.UnauthorizedOperation) and"
        " UnauthorizedOperation.InvalidToken reject the credentials, not the call.",
        Certainty.DESCRIBED,
        ("cvmimg.cloud.errors.locked_out",),
        "An operation stays open to be resumed, although it could be rolled back immediately.",
    ),
    Assumption(
        "web-identity-unsigned",
        "AssumeRoleWithWebIdentity is sent without a signature (Authorization: SKIP).",
        Certainty.CLIENTS,
        ("cvmimg.cloud.sts.assume_role_with_web_identity",),
        "A web identity cannot be used; other credentials can.",
    ),
    Assumption(
        "instance-role-metadata",
        "An instance role's keys are at metadata.tencentyun.com under cam/security-credentials.",
        Certainty.CLIENTS,
        ("cvmimg.cloud.temporary_credentials.instance_role",),
        "The instance role cannot be used; other credentials can.",
    ),
    Assumption(
        "unsupported-regions",
        "A region that is not for the account, such as of finance, answers UnsupportedRegion.",
        Certainty.LIKELY,
        ("cvmimg.workflows.all_regions.read_regions",),
        "With --all-regions, such regions are reported as failed after what the others hold.",
    ),
    Assumption(
        "finance-hosts",
        "Services in finance regions (-fsi) are at SERVICE.REGION.tencentcloudapi.com.",
        Certainty.DESCRIBED,
        ("cvmimg.cloud.client.Endpoint",),
        "Finance regions cannot be reached.",
    ),
    Assumption(
        "rate-limits",
        "Reads are allowed 20 times a second, changes 10 times, DescribeImages and"
        " DescribeInstances 40 times, for each action and region.",
        Certainty.LIKELY,
        ("cvmimg.cloud.limits", "cvmimg.cloud.rate_limits.RateLimits"),
        "The API returns RequestLimitExceeded, and the call is retried; waits are longer.",
    ),
    Assumption(
        "disk-serial",
        "In a Linux guest, the serial number of a virtio disk is the id of its cloud disk.",
        Certainty.CLIENTS,
        ("cvmimg.guest.fstab.devices",),
        "The fstab check does not know which cloud disk a line mounts, and fails or warns.",
    ),
    Assumption(
        "agent-output",
        "The automation agent merges stderr and the output of root's profile into a script's"
        " output, and cuts it at 24 KB (Dropped).",
        Certainty.CLIENTS,
        ("cvmimg.guest.tat",),
        "The guest is reported as unreadable.",
    ),
    Assumption(
        "windows-script",
        "The script that reads Windows runs in Windows PowerShell. The tests parse it, and test"
        " what is decided from its answers, but have no PowerShell to run it.",
        Certainty.LIKELY,
        ("cvmimg.guest.read.read_windows",),
        "The guest is reported as unreadable, and the checks of Windows are skipped.",
    ),
    Assumption(
        "no-console-output",
        "No action of CVM returns what an instance writes to its console (DescribeInstanceVncUrl"
        " answers the address of a terminal, for 15 seconds).",
        Certainty.DESCRIBED,
        ("cvmimg.workflows.verify.reasons",),
        "A verification that fails could show more than the checks of the source instance.",
    ),
    Assumption(
        "permission-first",
        "A call that the policy does not permit is refused for that reason, even if it names"
        " things that do not exist or is a dry run.",
        Certainty.LIKELY,
        ("cvmimg.workflows.probes.probe", "cvmimg.workflows.doctor.examine"),
        "`cvmimg doctor` says that an action is permitted although it is not.",
    ),
    Assumption(
        "date-header",
        "Responses have the service's time in the header Date, even if the signature is refused.",
        Certainty.LIKELY,
        ("cvmimg.workflows.doctor.examine",),
        "`cvmimg doctor` cannot compare the clocks; the API's code still names a wrong clock.",
    ),
)
