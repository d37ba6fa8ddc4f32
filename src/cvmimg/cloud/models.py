"""The API's answers as typed objects."""

from __future__ import annotations

from collections.abc import Mapping

from cvmimg.cloud.api_model import ApiModel, ChinaTime, Percent, ResourceId, UtcTime


class Page(ApiModel):
    """How many items there are, on all pages of a listing."""

    total_count: int = 0


class ImageQuota(ApiModel):
    """How many custom images a region may hold (cvm DescribeImageQuota)."""

    image_num_quota: int | None = None


class ImageCount(ApiModel):
    """How many images there are (cvm DescribeImages)."""

    total_count: int


class Tag(ApiModel):
    """A tag; real answers spell its fields in three ways."""

    _wire_names: Mapping[str, tuple[str, ...]] = {
        "key": ("Key", "TagKey", "tagKey", "key"),
        "value": ("Value", "TagValue", "tagValue", "value"),
    }

    key: str = ""
    value: str = ""


class Tagged(ApiModel):
    """Something that carries tags."""

    tags: tuple[Tag, ...] = ()

    @property
    def tag_map(self) -> dict[str, str]:
        """The tags as key → value."""
        return {tag.key: tag.value for tag in self.tags}


class ImageSnapshot(ApiModel):
    """A snapshot inside an image; ``disk_size`` in GiB."""

    snapshot_id: ResourceId = ""
    disk_usage: str = ""
    disk_size: int = 0


class Image(Tagged):
    """An image (cvm DescribeImages); ``image_size`` in GiB.

    ``create_percent`` is undocumented and null once done, like ``sync_percent``.
    """

    image_id: ResourceId
    image_name: str = ""
    image_state: str = ""
    image_type: str = ""
    image_source: str = ""
    image_description: str = ""
    image_family: str = ""
    image_deprecated: bool = False
    image_size: int = 0
    image_creator: str = ""
    os_name: str = ""
    platform: str = ""
    architecture: str = ""
    created_time: UtcTime = None
    create_percent: Percent = None
    sync_percent: Percent = None
    is_support_cloudinit: bool = False
    license_type: str = ""
    snapshot_set: tuple[ImageSnapshot, ...] = ()

    @property
    def progress(self) -> int | None:
        """Percent of the creation or copy under way, or None."""
        return self.create_percent if self.create_percent is not None else self.sync_percent


class Placement(ApiModel):
    """Where an instance or disk is."""

    zone: str = ""
    project_id: int = 0


class SystemDisk(ApiModel):
    """A disk of an instance, such as its system disk; ``disk_size`` in GiB."""

    disk_id: ResourceId = ""
    disk_type: str = ""
    disk_size: int = 0
    encrypt: bool = False


class DataDisk(SystemDisk):
    """A data disk of an instance."""

    snapshot_id: ResourceId = ""


class InternetAccessible(ApiModel):
    """The public bandwidth of an instance, in Mbit/s."""

    internet_charge_type: str = ""
    internet_max_bandwidth_out: int = 0


class VirtualPrivateCloud(ApiModel):
    """The network of an instance."""

    vpc_id: ResourceId = ""
    subnet_id: ResourceId = ""


class LoginSettings(ApiModel):
    """The login keys of an instance."""

    key_ids: tuple[ResourceId, ...] = ()


class Instance(Tagged):
    """An instance (cvm DescribeInstances)."""

    _wire_names: Mapping[str, tuple[str, ...]] = {"cpu": ("CPU",)}

    instance_id: ResourceId
    instance_name: str = ""
    instance_state: str = ""
    restrict_state: str = ""
    stop_charging_mode: str = ""
    instance_type: str = ""
    instance_charge_type: str = ""
    cpu: int = 0
    memory: int = 0
    placement: Placement = Placement()
    system_disk: SystemDisk = SystemDisk()
    data_disks: tuple[DataDisk, ...] = ()
    private_ip_addresses: tuple[str, ...] = ()
    public_ip_addresses: tuple[str, ...] = ()
    internet_accessible: InternetAccessible = InternetAccessible()
    virtual_private_cloud: VirtualPrivateCloud = VirtualPrivateCloud()
    security_group_ids: tuple[ResourceId, ...] = ()
    login_settings: LoginSettings = LoginSettings()
    image_id: ResourceId = ""
    os_name: str = ""
    cam_role_name: str = ""
    created_time: UtcTime = None
    latest_operation: str = ""
    latest_operation_state: str = ""
    latest_operation_error_msg: str = ""
    latest_operation_request_id: str = ""

    @property
    def is_windows(self) -> bool:
        """Whether the operating system is Windows."""
        return "windows" in self.os_name.lower()

    @property
    def operating(self) -> bool:
        """Whether an operation is in progress."""
        return self.latest_operation_state == "OPERATING"

    @property
    def disk_ids(self) -> list[str]:
        """The ids of the disks, the system disk first."""
        disk_ids = (self.system_disk.disk_id, *(disk.disk_id for disk in self.data_disks))
        return [disk_id for disk_id in disk_ids if disk_id]


class SnapshotImage(ApiModel):
    """An image that uses a snapshot."""

    image_id: ResourceId = ""
    image_name: str = ""


class Snapshot(Tagged):
    """A snapshot (cbs DescribeSnapshots); ``disk_size`` in GiB."""

    snapshot_id: ResourceId
    snapshot_name: str = ""
    snapshot_state: str = ""
    percent: Percent = None
    disk_id: ResourceId = ""
    disk_usage: str = ""
    disk_size: int = 0
    encrypt: bool = False
    images: tuple[SnapshotImage, ...] = ()
    image_count: int = 0
    share_reference: int = 0
    is_locked: bool = False
    create_time: ChinaTime = None


class Disk(Tagged):
    """A cloud disk (cbs DescribeDisks); ``disk_size`` in GiB."""

    disk_id: ResourceId
    disk_usage: str = ""
    disk_type: str = ""
    disk_size: int = 0
    instance_id: ResourceId = ""
    encrypt: bool = False
    snapshot_ability: bool = True
    rollbacking: bool = False
    placement: Placement = Placement()


class SnapshotOverview(ApiModel):
    """The account's snapshots (cbs DescribeSnapshotOverview); sizes in GiB."""

    total_size: float
    free_quota: float = 0.0
    real_trade_size: float = 0.0


class ItemPrice(ApiModel):
    """A price in the account's currency: per hour (``unit_price``) or for a period."""

    unit_price: float | None = None
    unit_price_discount: float | None = None
    charge_unit: str = ""
    original_price: float | None = None
    discount_price: float | None = None


class InstanceTypeOffer(ApiModel):
    """An instance type in a zone (cvm DescribeZoneInstanceConfigInfos); ``memory`` in GiB.

    ``storage_block_amount`` is the number of local disks.
    """

    zone: str = ""
    instance_type: str = ""
    instance_charge_type: str = ""
    cpu: int = 0
    memory: int = 0
    gpu: int = 0
    storage_block_amount: int = 0
    status: str = ""


class NewImage(ApiModel):
    """What cvm CreateImage answers."""

    image_id: ResourceId


class NewInstances(ApiModel):
    """What cvm RunInstances answers."""

    instance_id_set: tuple[ResourceId, ...]


class NewSnapshot(ApiModel):
    """What cbs CreateSnapshot answers."""

    snapshot_id: ResourceId


class NewInvocation(ApiModel):
    """What tat RunCommand answers."""

    invocation_id: ResourceId


class Price(ApiModel):
    """What instances would cost."""

    instance_price: ItemPrice = ItemPrice()
    bandwidth_price: ItemPrice = ItemPrice()


class InstancesPrice(ApiModel):
    """What cvm InquiryPriceRunInstances answers."""

    price: Price


class Region(ApiModel):
    """A region (region DescribeRegions)."""

    region: str
    region_state: str = ""


class ImageCopy(ApiModel):
    """A copy that was started, and its region (cvm SyncImages)."""

    image_id: ResourceId
    region: str = ""


class SharePermission(ApiModel):
    """An account that an image is shared with."""

    account_id: str = ""
    created_time: UtcTime = None


class AgentStatus(ApiModel):
    """Whether the automation agent of an instance answers (tat)."""

    instance_id: ResourceId = ""
    agent_status: str = ""


class TaskResult(ApiModel):
    """What a command in a guest left: ``output`` is base64, up to 24 KB."""

    exit_code: int = 0
    output: str = ""
    dropped: int = 0


class InvocationTask(ApiModel):
    """A command's run on one instance (tat DescribeInvocationTasks)."""

    invocation_id: ResourceId = ""
    instance_id: ResourceId = ""
    task_status: str = ""
    task_result: TaskResult = TaskResult()
    error_info: str = ""


class CallerIdentity(ApiModel):
    """Who the credentials belong to (sts GetCallerIdentity)."""

    account_id: str
    arn: str = ""
    type: str = ""


class RoleKeys(ApiModel):
    """Temporary keys of a role; they end with their session."""

    tmp_secret_id: str
    tmp_secret_key: str
    token: str = ""

    def __repr__(self) -> str:
        return f"RoleKeys(tmp_secret_id={self.tmp_secret_id!r})"


class AssumedRole(ApiModel):
    """A session of a role (sts AssumeRole); ``expired_time`` in seconds since the epoch."""

    credentials: RoleKeys
    expired_time: float


class FailedResource(ApiModel):
    """A resource whose tags could not be changed (tag TagResources)."""

    code: str = "FailedOperation"
    message: str = ""


class LaunchTemplate(ApiModel):
    """A launch template (cvm DescribeLaunchTemplates)."""

    launch_template_id: ResourceId
    latest_version_number: int = 0


class LaunchTemplateData(ApiModel):
    """What a template's version holds of interest here."""

    image_id: ResourceId = ""
    image_family: str = ""
    data_disks: tuple[DataDisk, ...] = ()


class LaunchTemplateVersion(ApiModel):
    """A version of a launch template (cvm DescribeLaunchTemplateVersions)."""

    launch_template_version_data: LaunchTemplateData = LaunchTemplateData()


class LaunchConfiguration(LaunchTemplateData):
    """A scaling group's launch configuration (as DescribeLaunchConfigurations)."""

    launch_configuration_id: ResourceId
