"""What the store holds: the kinds of documents, and the members of each.

A member that an API request or answer has keeps the name and the form that it has there; the forms
are those of the official description and are not repeated here. All other times are in seconds
since the epoch, in the sandbox's time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, TypedDict, TypeVar

if TYPE_CHECKING:
    from typing_extensions import NotRequired

Document = Mapping[str, Any]
"""A document of any kind."""
D = TypeVar("D", bound=Mapping[str, Any])

ApiObject = Mapping[str, Any]
"""An object in the form that the API gives it."""
TaskFault = Literal["fail", "stuck"]


class Kind(str, Generic[D]):
    """The name of a kind, such as "instance", with the type of its documents."""


class Base(TypedDict):
    """What every document has; see ``state.store``."""

    Kind: str
    Id: str
    Account: str
    Region: str
    Created: float
    Listed: NotRequired[float]
    Gone: NotRequired[float]
    Due: NotRequired[float]


def base(kind: str, identifier: str, account: str, region: str, created: float) -> Base:
    """Return a document with the required members."""
    return {
        "Kind": kind,
        "Id": identifier,
        "Account": account,
        "Region": region,
        "Created": created,
    }


class Tags(TypedDict):
    """The tags of a resource, and from when they are listed."""

    Tags: list[dict[str, str]]
    TagsListed: NotRequired[float]


class Task(TypedDict):
    """A task that takes time: its start and its duration in seconds."""

    Start: float
    Seconds: float
    Fault: TaskFault | None


class Power(TypedDict):
    """The state of an instance: while its task runs, after it succeeded, and after it failed."""

    During: str
    After: str
    Otherwise: str
    Task: Task | None


class Operation(TypedDict):
    """The latest operation of an instance: the API action, and the request that started it."""

    Name: str
    Task: Task
    RequestId: str


class Boot(TypedDict, total=False):
    """Injected faults of the latest boot: it fails, or takes those seconds."""

    Fails: bool
    Seconds: float


class FileSystem(TypedDict):
    """The content of a disk."""

    uuid: str
    label: str
    type: str
    device_hint: str


class Guest(TypedDict):
    """The system of an instance: how it differs from a new installation."""

    fstab: str
    agent: bool
    platform: str
    mounts: list[str]
    profile_output: str
    files: dict[str, Any]


class Content(TypedDict):
    """The content of a system disk."""

    FileSystem: FileSystem | None
    OsName: str
    Platform: str
    Architecture: str
    LicenseType: str
    Cloudinit: bool
    Guest: Guest


class Scaling(TypedDict):
    """The membership of an instance in a scaling group, which is its ``Parent``."""

    Configuration: str
    ConfigurationName: str
    Version: int
    GroupName: str
    Creation: str
    Added: float
    Protected: bool


class Instance(Base, Tags, Content):
    """An instance of cvm."""

    Name: str
    HostName: str
    Parent: NotRequired[str]
    Placement: ApiObject
    InstanceType: str
    CPU: int
    Memory: int
    ThreadPerCore: NotRequired[int]
    RestrictState: str
    InstanceChargeType: str
    PrivateIpAddresses: list[str]
    PublicIpAddresses: list[str] | None
    InternetAccessible: ApiObject
    VirtualPrivateCloud: ApiObject
    SecurityGroupIds: list[str]
    LoginSettings: ApiObject
    ImageId: str
    RenewFlag: str | None
    ExpiredTime: str | None
    Uuid: str
    CamRoleName: str
    UserData: str
    DisableApiTermination: bool
    StoppedMode: str
    SystemDisk: ApiObject
    DataDisks: list[dict[str, Any]]
    Power: Power
    Operation: Operation | None
    Boot: NotRequired[Boot]
    Scaling: NotRequired[Scaling]


class DiskHolder(TypedDict):
    """The members of an instance that its new disks take over; ``Id`` may be empty."""

    Id: str
    Account: str
    Region: str
    Created: float
    Placement: ApiObject
    InstanceChargeType: str


class DiskChange(TypedDict):
    """The DiskState of a disk that is attached or detached, and until when."""

    State: str
    Until: float


class Disk(Base, Tags):
    """A cloud disk or a local disk, whose ``Parent`` is the instance it was last attached to."""

    Parent: str
    Name: str
    DiskUsage: str
    Position: int
    Zone: str
    DeleteWithInstance: bool
    Encrypt: bool
    ChargeType: str
    DiskType: str
    SizeGib: int
    NewSizeGib: NotRequired[int]
    FileSystem: FileSystem | None
    FromSnapshot: NotRequired[str]
    DetachAt: NotRequired[float]
    Change: NotRequired[DiskChange]
    Rollback: NotRequired[Task]


class Snapshot(Base, Tags):
    """A snapshot, whose ``Parent`` is its disk; ``Images`` are those that use it."""

    Parent: str
    Name: str
    DiskUsage: str
    SizeGib: int
    Zone: str
    Encrypt: bool
    FileSystem: FileSystem | None
    Content: Content | None
    Images: list[str]
    Locked: bool
    Task: Task | None
    Deadline: NotRequired[str]
    Recycled: NotRequired[float]
    CopyFromRemote: NotRequired[bool]
    Policy: NotRequired[str]


class SnapshotGroup(Base, Tags):
    """Snapshots that were made together."""

    Name: str
    Snapshots: list[str]
    ContainsRoot: bool


class SnapshotPolicy(Base):
    """An auto snapshot policy, due at its next trigger."""

    Name: str
    Schedules: list[dict[str, Any]]
    Activated: bool
    Permanent: bool
    RetentionDays: int
    DiskIds: list[str]


class Image(Base, Tags, Content):
    """A custom or public image."""

    Name: str
    Description: str
    Family: str
    Deprecated: bool
    Source: str
    Encrypted: bool
    Snapshots: list[dict[str, Any]]
    SnapshotsHidden: bool
    SizeGib: int
    Creator: str
    Working: str
    Task: Task | None


class Share(Base):
    """The sharing of an image, its ``Parent``, with the account of the document."""

    Parent: str


class Number(Base):
    """A quota or a stock."""

    Value: int


class ClientToken(Base):
    """The instances that a request with a ClientToken created."""

    InstanceIds: list[str]


class DiskClientToken(Base):
    """The disks that a request with a ClientToken created."""

    DiskIds: list[str]


class KeyPair(Base, Tags):
    """A key pair without its private key."""

    Name: str
    Description: str
    PublicKey: str
    ProjectId: int


class LaunchTemplateVersion(TypedDict):
    """A version of a launch template."""

    Number: int
    Created: float
    Description: str
    Data: dict[str, Any]


class LaunchTemplate(Base):
    """A launch template; ``LatestVersion`` is the highest number that a version has had."""

    Name: str
    DefaultVersion: int
    Versions: list[LaunchTemplateVersion]
    LatestVersion: NotRequired[int]


class LaunchConfigurationSettings(TypedDict):
    """What its ``Request``, the parameters that would create it, makes of a configuration."""

    Name: str
    ImageId: str
    ImageFamily: str
    InstanceTypes: list[str]
    SecurityGroupIds: list[str]
    Request: dict[str, Any]


class LaunchConfiguration(Base, Tags, LaunchConfigurationSettings):
    """A launch configuration."""

    Version: int
    Updated: float


class ScalingGroupSettings(TypedDict):
    """What its ``Request``, the parameters that would create it, makes of a scaling group."""

    Name: str
    Configuration: str
    ConfigurationName: str
    VpcId: str
    SubnetIds: list[str]
    Desired: int
    Request: dict[str, Any]


class ScalingGroup(Base, Tags, ScalingGroupSettings):
    """A scaling group, due when it next compares its instances with its desired capacity."""

    Enabled: bool
    Failures: int


class ScalingActivity(Base):
    """An activity of a scaling group, its ``Parent``."""

    Parent: str
    Type: str
    InstanceIds: list[str]
    Task: Task
    Errors: list[dict[str, str]]


class Vpc(Base, Tags):
    """A VPC."""

    Name: str
    Cidr: str
    Default: bool
    DnsServers: list[str]
    DomainName: NotRequired[str]


class Subnet(Base, Tags):
    """A subnet of a VPC, its ``Parent``."""

    Parent: str
    Name: str
    Zone: str
    Cidr: str
    Default: bool


class SecurityGroup(Base, Tags):
    """A security group."""

    Name: str
    Description: str
    Default: bool
    Policies: dict[str, Any]
    Version: int


class InvocationTask(TypedDict):
    """The execution of a command in an instance."""

    InvocationTaskId: str
    InstanceId: str
    Status: NotRequired[str]
    ExitCode: int
    Output: str
    Dropped: int


class Command(Base, Tags):
    """A command of tat; ``Request`` are the parameters that would create it."""

    Name: str
    Request: dict[str, Any]
    Updated: float


class Invocation(Base):
    """The execution of a command, with a task for each instance."""

    CommandId: str
    Request: dict[str, Any]
    Fault: TaskFault | None
    Tasks: list[InvocationTask]


class Role(Base):
    """A role of cam."""

    Name: str
    RoleId: str
    PolicyDocument: str
    Description: str
    ConsoleLogin: int
    SessionDuration: int
    Updated: float


class IdentityProvider(Base):
    """An OIDC identity provider of cam."""

    Name: str
    IdentityUrl: str
    IdentityKey: str
    ClientId: list[str]
    Description: str
    AutoRotateKey: int


class Clock(Base):
    """The pair of real and simulated time (``Created``), and the speed."""

    Real: float
    Speed: float


class Values(Base):
    """The settings of the world."""

    Values: dict[str, Any]


class Faults(Base):
    """The injected faults that all processes share."""

    Armed: list[list[Any]]


INSTANCE = Kind[Instance]("instance")
DISK = Kind[Disk]("disk")
SNAPSHOT = Kind[Snapshot]("snapshot")
SNAPSHOT_GROUP = Kind[SnapshotGroup]("snapshot-group")
SNAPSHOT_POLICY = Kind[SnapshotPolicy]("auto-snapshot-policy")
SNAPSHOT_QUOTA = Kind[Number]("snapshot-quota")
IMAGE = Kind[Image]("image")
IMAGE_QUOTA = Kind[Number]("image-quota")
SHARE = Kind[Share]("share")
STOCK = Kind[Number]("stock")
CLIENT_TOKEN = Kind[ClientToken]("client-token")
DISK_CLIENT_TOKEN = Kind[DiskClientToken]("disk-client-token")
KEY_PAIR = Kind[KeyPair]("key-pair")
LAUNCH_TEMPLATE = Kind[LaunchTemplate]("launch-template")
LAUNCH_CONFIGURATION = Kind[LaunchConfiguration]("launch-configuration")
SCALING_GROUP = Kind[ScalingGroup]("scaling-group")
SCALING_ACTIVITY = Kind[ScalingActivity]("scaling-activity")
VPC = Kind[Vpc]("vpc")
SUBNET = Kind[Subnet]("subnet")
SECURITY_GROUP = Kind[SecurityGroup]("security-group")
COMMAND = Kind[Command]("command")
INVOCATION = Kind[Invocation]("invocation")
ROLE = Kind[Role]("role")
IDENTITY_PROVIDER = Kind[IdentityProvider]("identity-provider")
SETTINGS = Kind[Values]("settings")
CLOCK = Kind[Clock]("clock")
FAULTS = Kind[Faults]("faults")
