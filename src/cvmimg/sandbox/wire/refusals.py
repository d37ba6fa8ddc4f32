"""What the service says when it refuses: in English and in Chinese, with named parameters.

A refusal is found by its error code; where a code has several texts, by a name: the module that
refuses, and what it refuses.
"""

# ruff: noqa: RUF001 - Chinese messages have Chinese punctuation

from __future__ import annotations

from collections.abc import Mapping

REFUSALS: Mapping[str, tuple[str, str]] = {
    "FailedOperation.AccountAlreadyExists": (
        "The image is already shared with {account}.",
        "镜像已共享给账号 {account}。",
    ),
    "FailedOperation.AccountIsYourSelf": (
        "An image cannot be shared with its own account.",
        "不能共享给自己。",
    ),
    "FailedOperation.BYOLImageShareFailed": (
        "The image `{id}` is licensed as BYOL.",
        "BYOL 镜像 `{id}` 不支持共享。",
    ),
    "FailedOperation.DisasterRecoverGroupNotFound": (
        "The placement group does not exist.",
        "置放群组不存在。",
    ),
    "FailedOperation.NoAvailableIpAddressCountInSubnet": (
        "The subnet `{subnet}` does not have enough free addresses.",
        "子网 `{subnet}` 可用 IP 数量不足。",
    ),
    "FailedOperation.SnapshotSizeLargerThanDataSize": (
        "The snapshot `{snapshot}` of {size_gib} GiB is larger than the disk of {gib} GiB.",
        "快照 `{snapshot}` 的容量大于数据盘容量。",
    ),
    "ImageQuotaLimitExceeded": (
        "The quota of {allowed} custom images in {region} is exceeded.",
        "{region} 的自定义镜像配额（{allowed}）已用尽。",
    ),
    "InsufficientSnapshotQuota": (
        "The quota of {value} snapshots in {region} is exceeded.",
        "{region} 的快照配额（{value}）已用尽。",
    ),
    "InternalError.GetRoleError": (
        "The role does not exist.",
        "角色不存在。",
    ),
    "InternalError.SystemError": (
        "No key ring.",
        "",
    ),
    "InvalidAccountId.NotFound": (
        "The account {account} does not exist.",
        "账号 {account} 不存在。",
    ),
    "InvalidAction": (
        "The action `{action}` does not exist or is not simulated in {service}.",
        "接口 `{action}` 不存在，或沙箱未模拟。",
    ),
    "InvalidAutoSnapshotPolicyId.NotFound": (
        "The auto snapshot policy `{id}` does not exist.",
        "定期快照策略 `{id}` 不存在。",
    ),
    "InvalidDisk.AlreadyBound": (
        "The disk `{id}` is already bound to the policy.",
        "云硬盘 `{id}` 已绑定该定期快照策略。",
    ),
    "InvalidDisk.Busy": (
        "The disk `{disk}` is busy.",
        "云硬盘 `{disk}` 正忙，请稍后再试。",
    ),
    "InvalidDisk.NotPortable": (
        "The disk `{disk}` is a system disk.",
        "云硬盘 `{disk}` 不是弹性云盘。",
    ),
    "InvalidDisk.NotSupported": (
        "The disk `{disk}` is not attached to the instance.",
        "云硬盘 `{disk}` 未挂载到该实例。",
    ),
    "InvalidDisk.SnapshotCreating": (
        "A snapshot of the disk `{disk}` is being created.",
        "云硬盘 `{disk}` 有快照正在创建中。",
    ),
    "InvalidDiskId.NotFound": (
        "The disk `{id}` does not exist.",
        "云硬盘 `{id}` 不存在。",
    ),
    "InvalidImageId.InShared": (
        "The image `{id}` is shared.",
        "镜像 `{id}` 处于共享状态。",
    ),
    "InvalidImageId.NotFound": (
        "The image `{id}` does not exist.",
        "镜像 `{id}` 不存在。",
    ),
    "InvalidImageName.Duplicate": (
        "An image with the name `{name}` already exists.",
        "镜像名称 `{name}` 已存在。",
    ),
    "InvalidImageOsType.Unsupported": (
        "The operating system `{system}` is not supported.",
        "不支持的操作系统类型 `{system}`。",
    ),
    "InvalidImageOsVersion.Unsupported": (
        "The version `{version}` of {system} is not supported.",
        "不支持的操作系统版本 `{version}`。",
    ),
    "InvalidInstanceId.NotFound": (
        "The instance `{id}` does not exist.",
        "实例 `{id}` 不存在。",
    ),
    "InvalidKeyPairId.Malformed": (
        "`{id}` is not a key pair id.",
        "密钥 ID `{id}` 格式不合法。",
    ),
    "InvalidKeyPairId.NotFound": (
        "The key pair `{id}` does not exist.",
        "密钥 `{id}` 不存在。",
    ),
    "InvalidParameter.ActionMiss": (
        "action is missing.",
        "缺少 action。",
    ),
    "InvalidParameter.ConditionContentError": (
        "condition has an unknown key.",
        "条件键不合法。",
    ),
    "InvalidParameter.ConditionError": (
        "condition is invalid.",
        "条件不合法。",
    ),
    "InvalidParameter.ConditionTypeError": (
        "condition has an unknown operator.",
        "条件运算符不合法。",
    ),
    "InvalidParameter.Conflict": (
        "`InstanceType` and `InstanceTypes` cannot be given together.",
        "`InstanceType` 与 `InstanceTypes` 不能同时指定。",
    ),
    "InvalidParameter.DataDiskIdContainsRootDisk": (
        "`{id}` is the system disk.",
        "`{id}` 是系统盘。",
    ),
    "InvalidParameter.DataDiskNotBelongSpecifiedInstance": (
        "The disk `{id}` is not attached to the instance.",
        "云硬盘 `{id}` 不属于该实例。",
    ),
    "InvalidParameter.DiskSizeNotMatch": (
        "The disk is smaller than the snapshot.",
        "云硬盘容量小于快照容量。",
    ),
    "InvalidParameter.DuplicateSystemSnapshots": (
        "More than one system disk snapshot is specified.",
        "指定了多个系统盘快照。",
    ),
    "InvalidParameter.EffectError": (
        "effect is invalid.",
        "effect 不合法。",
    ),
    "InvalidParameter.IdentityNameInUse": (
        "The name of the identity provider is in use.",
        "身份提供商名称已存在。",
    ),
    "InvalidParameter.ImageIdsSnapshotIdsMustOne": (
        "`ImageIds` must be specified.",
        "必须指定 `ImageIds`。",
    ),
    "InvalidParameter.InvalidKmsKeyId": (
        "`KmsKeyId` is malformed or specified without `Encrypt`.",
        "KmsKeyId 不合法。",
    ),
    "InvalidParameter.InvalidParameterUrlError": (
        "`ImageUrl` is not the URL of a file.",
        "镜像 URL 不合法。",
    ),
    "InvalidParameter.LocalDataDiskNotSupport": (
        "The data disk `{disk}` is a local disk.",
        "数据盘 `{disk}` 为本地盘，不支持制作镜像。",
    ),
    "InvalidParameter.OverLimit": (
        "DurationSeconds is too large.",
        "有效期超出角色限制。",
    ),
    "InvalidParameter.PaginationTokenInvalid": (
        "The PaginationToken is invalid.",
        "PaginationToken 不合法。",
    ),
    "InvalidParameter.ParameterNameDuplicated": (
        "A parameter name is duplicated.",
        "参数名重复。",
    ),
    "InvalidParameter.PrincipalError": (
        "principal is invalid.",
        "委托人不合法。",
    ),
    "InvalidParameter.ReservedTagKey": (
        "The tag key `{key}` is reserved.",
        "标签键 `{key}` 为系统预留。",
    ),
    "InvalidParameter.RoleNameError": (
        "RoleName is malformed.",
        "角色名不合法。",
    ),
    "InvalidParameter.RoleNameInUse": (
        "The role exists.",
        "角色名已存在。",
    ),
    "InvalidParameter.RoleNotExist": (
        "The role does not exist.",
        "角色不存在。",
    ),
    "InvalidParameter.SnapshotNotFound": (
        "The snapshot `{id}` does not exist.",
        "快照 `{id}` 不存在。",
    ),
    "InvalidParameter.SpecifyOneParameter": (
        "Exactly one of `InstanceId` and `SnapshotIds` must be specified.",
        "`InstanceId` 与 `SnapshotIds` 必须且只能指定一个。",
    ),
    "InvalidParameter.StatementError": (
        "The statements of PolicyDocument are malformed.",
        "策略文档的 Statement 字段不合法。",
    ),
    "InvalidParameter.SystemSnapshotNotFound": (
        "None of the snapshots is a system disk snapshot.",
        "未指定系统盘快照。",
    ),
    "InvalidParameter.VersionError": (
        "The version of PolicyDocument is not 2.0.",
        "策略文档的 Version 字段不合法。",
    ),
    "InvalidParameter.WebIdentityTokenError": (
        "The WebIdentityToken is invalid: {error}.",
        "WebIdentityToken 不合法。",
    ),
    "InvalidParameterValue.AgentUnsupportedCommandType": (
        "{instance_id} does not run commands of this type.",
        "",
    ),
    "InvalidParameterValue.AssertDesiredCapacityFailed": (
        "The desired capacity {desired} is not between {least} and {most}.",
        "期望实例数 {desired} 不在 {least} 与 {most} 之间。",
    ),
    "InvalidParameterValue.BindDiskLimitExceeded": (
        "A policy can be bound to {max_disks} disks.",
        "定期快照策略最多绑定 {max_disks} 块云硬盘。",
    ),
    "InvalidParameterValue.BucketNotFound": (
        "The bucket `{bucket_name}` does not exist.",
        "存储桶 `{bucket_name}` 不存在。",
    ),
    "InvalidParameterValue.CloudSsdDataDiskSizeTooSmall": (
        "An SSD cloud disk must have at least 20 GiB.",
        "SSD 云硬盘的数据盘容量过小。",
    ),
    "InvalidParameterValue.CommandNameDuplicated": (
        "A command with the name {command_name} already exists.",
        "",
    ),
    "InvalidParameterValue.DeleteTagsParamError": (
        "A tag is both replaced and removed.",
        "标签不能同时被替换和删除。",
    ),
    "InvalidParameterValue.DuplicateTags": (
        "A tag key is duplicated.",
        "标签键重复。",
    ),
    "InvalidParameterValue.IPAddressMalformed": (
        "`{address}` is not an IP address.",
        "`{address}` 不是合法的 IP 地址。",
    ),
    "InvalidParameterValue.ISOMustImportByForce": (
        "An ISO file requires `Force`.",
        "ISO 格式的镜像必须强制导入。",
    ),
    "InvalidParameterValue.IdentityUrlError": (
        "IdentityUrl is not an https URL without query, fragment and user.",
        "身份提供商URL不合法。",
    ),
    "InvalidParameterValue.IllegalHostName": (
        "`{name}` is not a valid host name.",
        "主机名 `{name}` 不合法。",
    ),
    "InvalidParameterValue.ImageNotFound": (
        "The image `{id}` does not exist.",
        "镜像 `{id}` 不存在。",
    ),
    "InvalidParameterValue.InstanceTypeNotFound": (
        "The instance type `{name}` does not exist.",
        "实例机型 `{name}` 不存在。",
    ),
    "InvalidParameterValue.InsufficientPrice": (
        "The maximum price is below the market price.",
        "竞价价格低于市场价。",
    ),
    "InvalidParameterValue.InvalidCommandId": (
        "{command_id} is not a command id.",
        "",
    ),
    "InvalidParameterValue.InvalidCommandName": (
        "The command name contains an invalid character.",
        "命令名称包含非法字符。",
    ),
    "InvalidParameterValue.InvalidFileNamePrefixList": (
        "The number of file name prefixes must equal the number of images.",
        "文件名前缀数量与镜像数量不一致。",
    ),
    "InvalidParameterValue.InvalidFilter": (
        "The filter {name} is not supported.",
        "",
    ),
    "InvalidParameterValue.InvalidImageFamily": (
        "`{family}` is not a valid image family.",
        "镜像族 `{family}` 不合法。",
    ),
    "InvalidParameterValue.InvalidImageId": (
        "The image `{id}` is public.",
        "公共镜像 `{id}` 不支持复制。",
    ),
    "InvalidParameterValue.InvalidImageState": (
        "The image `{id}` is in the state {state}.",
        "镜像 `{id}` 的状态不支持该操作。",
    ),
    "InvalidParameterValue.InvalidInstanceId": (
        "{instance_id} is not an instance id.",
        "",
    ),
    "InvalidParameterValue.InvalidInstanceType": (
        "The instance type `{name}` does not exist.",
        "实例机型 `{name}` 不存在。",
    ),
    "InvalidParameterValue.InvalidOutputCOSBucketUrl": (
        "The bucket URL does not start with https.",
        "存储桶 URL 须以 https 开头。",
    ),
    "InvalidParameterValue.InvalidParameterMinCount": (
        "`MinCount` must be between 1 and `InstanceCount`.",
        "`MinCount` 取值不合法。",
    ),
    "InvalidParameterValue.InvalidSecurityGroupId": (
        "The security group `{id}` does not exist.",
        "安全组 `{id}` 不存在。",
    ),
    "InvalidParameterValue.InvalidSubnetId": (
        "The subnet `{id}` is not in the VPC `{vpc_id}`.",
        "子网 `{id}` 不属于私有网络 `{vpc_id}`。",
    ),
    "InvalidParameterValue.InvalidUserDataFormat": (
        "The user data is not valid base64.",
        "UserData 不是合法的 base64 编码。",
    ),
    "InvalidParameterValue.InvalidUsername": (
        "The user name is malformed.",
        "用户名格式不合法。",
    ),
    "InvalidParameterValue.InvalidWorkingDirectory": (
        "The working directory is not an absolute path.",
        "工作目录不是绝对路径。",
    ),
    "InvalidParameterValue.KeyPairNotFound": (
        "The key pair `{id}` does not exist.",
        "密钥 `{id}` 不存在。",
    ),
    "InvalidParameterValue.LackOfParameterInfo": (
        "Missing values for {names}.",
        "缺少自定义参数 {names} 的值。",
    ),
    "InvalidParameterValue.LaunchTemplateDefaultVersion": (
        "The default version cannot be deleted.",
        "不能删除默认版本。",
    ),
    "InvalidParameterValue.LaunchTemplateIdMalformed": (
        "`{id}` is not a launch template id.",
        "启动模板 ID `{id}` 格式不合法。",
    ),
    "InvalidParameterValue.LaunchTemplateIdNotExisted": (
        "The launch template {id} does not exist.",
        "启动模板 {id} 不存在。",
    ),
    "InvalidParameterValue.LaunchTemplateIdVerNotExisted": (
        "The launch template {template} has no version {number}.",
        "启动模板 {template} 不存在版本 {number}。",
    ),
    "InvalidParameterValue.LaunchTemplateIdVerSetAlready": (
        "The version {number} is already the default version.",
        "版本 {number} 已是默认版本。",
    ),
    "InvalidParameterValue.LaunchTemplateVersion": (
        "The launch template {id} has no version {number}.",
        "启动模板 {id} 不存在版本 {number}。",
    ),
    "InvalidParameterValue.Malformed": (
        "`{name}` is not a number.",
        "`{name}` 不合法。",
    ),
    "InvalidParameterValue.MetadataError": (
        "IdentityKey is not a JSON Web Key Set in base64.",
        "签名公钥不合法。",
    ),
    "InvalidParameterValue.NameError": (
        "Name is malformed.",
        "名称不合法。",
    ),
    "InvalidParameterValue.ParameterInvalidJsonFormat": (
        "The parameters are not a JSON object.",
        "自定义参数不是 JSON 对象。",
    ),
    "InvalidParameterValue.ParameterKeyContainsInvalidChar": (
        "The name {name} is malformed.",
        "参数名 {name} 包含非法字符。",
    ),
    "InvalidParameterValue.ParameterKeyLenExceeded": (
        "The name {name} is too long.",
        "参数名 {name} 过长。",
    ),
    "InvalidParameterValue.ParameterNumberExceeded": (
        "There are more than {most} parameters.",
        "自定义参数超过 {most} 个。",
    ),
    "InvalidParameterValue.ParameterValueNotString": (
        "The value of {name} is not a string.",
        "参数 {name} 的值不是字符串。",
    ),
    "InvalidParameterValue.ResourceDescriptionError": (
        "`{name}` is not the six-part name of a taggable resource.",
        "资源描述 `{name}` 不合法。",
    ),
    "InvalidParameterValue.ResourcePrefixInvalid": (
        "The service or the resource prefix is not supported.",
        "资源前缀不合法。",
    ),
    "InvalidParameterValue.SubnetConflict": (
        "`{cidr}` overlaps the subnet {other}.",
        "`{cidr}` 与子网 {other} 冲突。",
    ),
    "InvalidParameterValue.SubnetIdZoneIdNotMatch": (
        "`{subnet}` is not in the zone {zone}.",
        "子网 `{subnet}` 不在可用区 {zone}。",
    ),
    "InvalidParameterValue.SubnetNotExist": (
        "The subnet `{subnet}` does not exist.",
        "子网 `{subnet}` 不存在。",
    ),
    "InvalidParameterValue.SubnetRange": (
        "`{cidr}` is not in the VPC's {vpc_cidr}.",
        "`{cidr}` 不在私有网络的网段 {vpc_cidr} 内。",
    ),
    "InvalidParameterValue.SupportParametersOnlyIfEnableParameter": (
        "Parameters require EnableParameter.",
        "自定义参数须启用 EnableParameter。",
    ),
    "InvalidParameterValue.TagKeyEmpty": (
        "A tag key is empty.",
        "标签键不能为空。",
    ),
    "InvalidParameterValue.TagKeyNotFound": (
        "The tag key `{key}` does not exist.",
        "标签键 `{key}` 不存在。",
    ),
    "InvalidParameterValue.TagQuotaLimitExceeded": (
        "The number of tags of a resource exceeds the quota.",
        "资源的标签数量超过配额。",
    ),
    "InvalidParameterValue.TagValueCharacterIllegal": (
        "The tag value `{value}` has characters that are not allowed.",
        "标签值 `{value}` 含有非法字符。",
    ),
    "InvalidParameterValue.TagValueLengthExceeded": (
        "A tag value has more than {longest_value} characters.",
        "标签值超过 {longest_value} 个字符。",
    ),
    "InvalidParameterValue.TooLarge": (
        "The user data is larger than 16 KB.",
        "UserData 超过 16 KB。",
    ),
    "InvalidParameterValue.UnavailableZone": (
        "The zone `{zone}` is not available.",
        "可用区 `{zone}` 不可用。",
    ),
    "InvalidParameterValue.VpcIdNotExist": (
        "The VPC `{vpc}` does not exist.",
        "私有网络 `{vpc}` 不存在。",
    ),
    "InvalidParameterValue.VpcIdSubnetIdNotMatch": (
        "`{subnet}` is not in the VPC {vpc}.",
        "子网 `{subnet}` 不属于私有网络 {vpc}。",
    ),
    "InvalidPassword": (
        "The password is too weak.",
        "密码不符合复杂度要求。",
    ),
    "InvalidPeriod": (
        "The period is not available.",
        "购买时长不合法。",
    ),
    "InvalidProjectId.NotFound": (
        "The project {project_id} does not exist.",
        "项目 {project_id} 不存在。",
    ),
    "InvalidRegion.NotFound": (
        "The region `{region}` does not exist.",
        "地域 `{region}` 不存在。",
    ),
    "InvalidRegion.Unavailable": (
        "Images cannot be copied to {region}.",
        "不支持复制到地域 {region}。",
    ),
    "InvalidSecurityGroupId.NotFound": (
        "The security group `{id}` does not exist.",
        "安全组 `{id}` 不存在。",
    ),
    "LimitExceeded.AutoScalingGroupLimitExceeded": (
        "There are already {held} scaling groups.",
        "伸缩组数量超过配额。",
    ),
    "LimitExceeded.AutoSnapshotPolicyOutOfQuota": (
        "There are already {held} auto snapshot policies.",
        "定期快照策略数量超过配额。",
    ),
    "LimitExceeded.InstanceAttachedDisk": (
        "The instance has too many disks.",
        "实例挂载的云硬盘数量超过限制。",
    ),
    "LimitExceeded.LaunchConfigurationQuotaNotEnough": (
        "There are already {held} launch configurations.",
        "启动配置数量超过配额。",
    ),
    "LimitExceeded.LaunchTemplateQuota": (
        "There are {held} launch templates already.",
        "启动模板数量超过配额。",
    ),
    "LimitExceeded.LaunchTemplateVersionQuota": (
        "There are {most} versions already.",
        "启动模板版本数量超过配额。",
    ),
    "LimitExceeded.SecurityGroupPolicySet": (
        "The security group has too many policies.",
        "安全组规则数量超过限制。",
    ),
    "MissingParameter.InScenario": (
        "`SubnetIds` is required.",
        "缺少参数：`SubnetIds`。",
    ),
    "MutexOperation.TaskRunning": (
        "The image `{id}` is being deleted.",
        "镜像 `{id}` 正在删除中。",
    ),
    "NoSuchProduct": (
        "The product does not exist or is not simulated.",
        "产品不存在，或沙箱未模拟该产品。",
    ),
    "NoSuchVersion": (
        "The API version `{version}` of {service} does not exist; the sandbox supports {known}.",
        "{service} 的接口版本 `{version}` 不存在，沙箱支持 {known}。",
    ),
    "RequestLimitExceeded": (
        "The number of requests to {action} exceeds the limit per second.",
        "接口 {action} 的请求次数超过频率限制。",
    ),
    "RequestSizeLimitExceeded": (
        "The request exceeds the size limit.",
        "请求包超过限制大小。",
    ),
    "ResourceInUse": (
        "`{id}` is in use.",
        "`{id}` 正在使用。",
    ),
    "ResourceInUse.ActivityInProgress": (
        "An activity of the scaling group `{id}` is in progress.",
        "伸缩组 `{id}` 有正在进行的伸缩活动。",
    ),
    "ResourceInUse.DiskRollbacking": (
        "The disk `{disk}` is being rolled back.",
        "云硬盘 `{disk}` 正在回滚。",
    ),
    "ResourceInUse.InstanceInGroup": (
        "The scaling group `{id}` has instances.",
        "伸缩组 `{id}` 内还有实例。",
    ),
    "ResourceInUse.LaunchConfigurationIdInUse": (
        "The launch configuration `{configuration}` is in use.",
        "启动配置 `{configuration}` 正在使用。",
    ),
    "ResourceInsufficient.AutoScalingGroupAboveMaxSize": (
        "The scaling group `{id}` would have more instances than its maximum.",
        "伸缩组 `{id}` 的实例数将超过最大值。",
    ),
    "ResourceInsufficient.AvailabilityZoneSoldOut": (
        "The zone {zone} is sold out.",
        "可用区 {zone} 已售罄。",
    ),
    "ResourceInsufficient.InServiceInstanceBelowMinSize": (
        "The scaling group `{id}` would have fewer instances in service than its minimum.",
        "伸缩组 `{id}` 的运行中实例数将低于最小值。",
    ),
    "ResourceNotFound.AutoScalingGroupNotFound": (
        "The scaling group `{id}` does not exist.",
        "伸缩组 `{id}` 不存在。",
    ),
    "ResourceNotFound.CommandNotFound": (
        "The command {id} does not exist.",
        "",
    ),
    "ResourceNotFound.HpcCluster": (
        "The cluster does not exist.",
        "",
    ),
    "ResourceNotFound.IdentityNotExist": (
        "The identity provider does not exist.",
        "身份提供商不存在。",
    ),
    "ResourceNotFound.InstanceNotFound": (
        "The instance {instance_id} does not exist.",
        "",
    ),
    "ResourceNotFound.InstancesNotFound": (
        "The instance `{id}` does not exist.",
        "实例 `{id}` 不存在。",
    ),
    "ResourceNotFound.InstancesNotInAutoScalingGroup": (
        "The instance `{id}` is not in the scaling group.",
        "实例 `{id}` 不在伸缩组内。",
    ),
    "ResourceNotFound.LaunchConfigurationIdNotFound": (
        "The launch configuration `{id}` does not exist.",
        "启动配置 `{id}` 不存在。",
    ),
    "ResourceNotFound.RoleNotFound": (
        "The role does not exist.",
        "角色不存在。",
    ),
    "ResourceUnavailable.AgentNotInstalled": (
        "{instance_id} has no automation agent.",
        "",
    ),
    "ResourceUnavailable.AgentStatusNotOnline": (
        "The agent of {instance_id} is offline.",
        "",
    ),
    "ResourceUnavailable.Attached": (
        "The disk `{disk}` is attached.",
        "云硬盘 `{disk}` 已挂载。",
    ),
    "ResourceUnavailable.AutoScalingGroupDisabled": (
        "The scaling group `{id}` is disabled.",
        "伸缩组 `{id}` 已停用。",
    ),
    "ResourceUnavailable.AutoScalingGroupInActivity": (
        "An activity of the scaling group `{id}` is in progress.",
        "伸缩组 `{id}` 有正在进行的伸缩活动。",
    ),
    "ResourceUnavailable.CommandInExecuting": (
        "The command {kept} is running.",
        "",
    ),
    "ResourceUnavailable.CvmVpcInconsistent": (
        "The instance `{id}` is in another VPC than the scaling group.",
        "实例 `{id}` 与伸缩组不在同一 VPC。",
    ),
    "ResourceUnavailable.InstanceCannotAttach": (
        "The instance `{id}` is neither running nor stopped.",
        "实例 `{id}` 既非运行中也非已关机状态。",
    ),
    "ResourceUnavailable.InstanceInOperation": (
        "An operation on the instance `{id}` is in progress.",
        "实例 `{id}` 有操作正在进行。",
    ),
    "ResourceUnavailable.InstanceStateNotRunning": (
        "{instance_id} is not running.",
        "",
    ),
    "ResourceUnavailable.InstancesAlreadyInAutoScalingGroup": (
        "The instance `{id}` is already in a scaling group.",
        "实例 `{id}` 已在伸缩组内。",
    ),
    "ResourceUnavailable.NotSupported": (
        "The disk does not support instant snapshots.",
        "云硬盘不支持极速快照。",
    ),
    "ResourceUnavailable.ZoneNotMatch": (
        "The disk `{disk}` is in another zone than the instance.",
        "云硬盘 `{disk}` 与实例不在同一可用区。",
    ),
    "ResourcesSoldOut.SpecifiedInstanceType": (
        "The instance type `{name}` is sold out in {zone}.",
        "实例机型 `{name}` 在 {zone} 已售罄。",
    ),
    "UnauthorizedOperation": (
        "The role's trust policy does not allow this token.",
        "角色载体不允许该身份扮演角色。",
    ),
    "UnauthorizedOperation.ImageNotBelongToAccount": (
        "The image `{id}` belongs to another account.",
        "镜像 `{id}` 不属于当前账号。",
    ),
    "UnsupportedOperation.InstanceMixedPricingModel": (
        "The instances have different charge types.",
        "实例的计费模式不一致。",
    ),
    "UnsupportedOperation.InstanceNotStopped": (
        "The instance `{instance}` is not stopped.",
        "实例 `{instance}` 未关机。",
    ),
    "UnsupportedOperation.InstancesProtected": (
        "The instance `{instance}` is protected from termination.",
        "实例 `{instance}` 已开启销毁保护。",
    ),
    "UnsupportedOperation.InvalidDisk": (
        "The snapshot `{id}` is still being created.",
        "快照 `{id}` 正在创建中。",
    ),
    "UnsupportedOperation.KeyPairUnsupportedWindows": (
        "Windows instances do not support key pairs.",
        "Windows 实例不支持密钥登录。",
    ),
    "UnsupportedOperation.NoInstanceTypeSupportSpot": (
        "The instance type {name} does not support spot instances.",
        "机型 {name} 不支持竞价实例。",
    ),
    "UnsupportedOperation.NotSupportInstanceImage": (
        "Images that include data disks are not supported for this account.",
        "当前账号不支持制作整机镜像。",
    ),
    "UnsupportedOperation.SharedImageModifyUnsupported": (
        "The image `{id}` is shared, or belongs to another account.",
        "共享镜像 `{id}` 不支持修改属性。",
    ),
    "UnsupportedOperation.SnapshotHasBindedImage": (
        "The snapshot `{id}` is used by the image {using}.",
        "快照 `{id}` 已关联镜像 {using}，请先删除镜像。",
    ),
    "UnsupportedOperation.StoppedModeStopCharging": (
        "The instance `{instance}` is stopped in STOP_CHARGING mode.",
        "实例 `{instance}` 处于关机不收费状态，不支持该操作。",
    ),
    "UnsupportedOperation.VersionMismatch": (
        "The policies of `{group}` have the version {version}.",
        "安全组 `{group}` 的规则版本为 {version}。",
    ),
    "UnsupportedRegion": (
        "The region `{region}` is not supported by {name}.",
        "接口 {name} 不支持地域 `{region}`。",
    ),
    "VpcAddrNotInSubNet": (
        "`{address}` is not in the subnet.",
        "IP 不在子网网段内。",
    ),
    "VpcIpIsUsed": (
        "`{address}` is in use.",
        "IP `{address}` 已被占用。",
    ),
    "actions.deadline": (
        "The deadline is malformed or less than a day ahead.",
        "快照到期时间不合法。",
    ),
    "actions.disk": (
        "The request is missing a required parameter `DiskId`.",
        "缺少参数：`DiskId`。",
    ),
    "actions.undeletable": (
        "The snapshot `{id}` is locked or in the recycle bin.",
        "快照 `{id}` 已锁定或处于回收站中，不支持该操作。",
    ),
    "activities.time": (
        "`{name}` is not a time in ISO 8601.",
        "`{name}` 不是 ISO 8601 格式的时间。",
    ),
    "attributes.last-security-group": (
        "`{instance}` has no other security group.",
        "实例 `{instance}` 至少需要绑定一个安全组。",
    ),
    "attributes.not-associated": (
        "The security group is not associated with `{instance}`.",
        "实例 `{instance}` 未绑定该安全组。",
    ),
    "command.base64": (
        "The content is not valid base64.",
        "命令内容不是合法的 base64。",
    ),
    "command.empty": (
        "The content is empty.",
        "命令内容为空。",
    ),
    "command.too-long": (
        "The content is longer than 64 KB.",
        "命令内容超过 64 KB。",
    ),
    "configurations.image": (
        "Exactly one of `ImageId` and `ImageFamily` is required.",
        "`ImageId` 与 `ImageFamily` 必须且只能指定一个。",
    ),
    "autoscaling.taken-name": (
        "The name `{name}` is taken.",
        "名称 `{name}` 已存在。",
    ),
    "constraints.between": (
        "The value `{value}` of `{path}` is not in {low} to {high}.",
        "参数 `{path}` 的值 `{value}` 不在 {low} 到 {high} 之间。",
    ),
    "constraints.choice": (
        "The value `{value}` of `{path}` is not one of {allowed}.",
        "参数 `{path}` 的值 `{value}` 不合法，取值范围：{allowed}。",
    ),
    "constraints.distinct": (
        "`{path}` contains a duplicate value.",
        "参数 `{path}` 存在重复值。",
    ),
    "constraints.exclusive": (
        "`{name}` and `{other}` cannot be given together.",
        "参数 `{name}` 与 `{other}` 不能同时指定。",
    ),
    "constraints.length": (
        "`{path}` has {count} characters; {low} to {high} are allowed.",
        "参数 `{path}` 长度须为 {low} 到 {high} 个字符。",
    ),
    "constraints.pattern": (
        "The value `{value}` of `{path}` is malformed.",
        "参数 `{path}` 的值 `{value}` 格式不合法。",
    ),
    "constraints.too-few": (
        "`{path}` has {count} items; at least {low} are required.",
        "参数 `{path}` 至少需要 {low} 个。",
    ),
    "constraints.too-many": (
        "`{path}` has {count} items; at most {high} are allowed.",
        "参数 `{path}` 最多支持 {high} 个。",
    ),
    "create.disk-in-snapshot": (
        "A snapshot of the disk `{disk}` is being created.",
        "云硬盘 `{disk}` 有快照正在创建中。",
    ),
    "create.encrypted-disk": (
        "The disk `{disk}` is encrypted.",
        "云硬盘 `{disk}` 为加密盘，不支持该操作。",
    ),
    "create.size": (
        "`DiskSize` or `SnapshotId` is required.",
        "缺少参数 `DiskSize`。",
    ),
    "create.snapshot": (
        "The snapshot `{id}` is not a usable data disk snapshot.",
        "快照 `{id}` 不支持创建云硬盘。",
    ),
    "create.unsuitable": (
        "The instance `{instance}` is isolated.",
        "实例 `{instance}` 不支持该操作。",
    ),
    "create.zone": (
        "The zone `{zone}` is not in the region {region}.",
        "可用区 `{zone}` 不属于地域 {region}。",
    ),
    "describe.moment": (
        "`{text}` is not a time.",
        "`{text}` 不是合法的时间格式。",
    ),
    "disks.size": (
        "The disk type {disk_type} with {gib} GiB is not available.",
        "云硬盘类型 {disk_type} 或容量 {gib} GiB 不合法。",
    ),
    "endpoint.injected": (
        "A fault injected into the sandbox.",
        "沙箱注入的故障。",
    ),
    "envelope.content-type": (
        "A POST request's Content-Type must be application/json or {form}.",
        "POST 请求的 Content-Type 必须为 application/json 或 {form}。",
    ),
    "envelope.method": (
        "Only GET and POST requests are supported.",
        "仅支持 GET 和 POST 请求。",
    ),
    "envelope.parameters": (
        "The request body is not a JSON object.",
        "请求体不是合法的 JSON 对象。",
    ),
    "filters.values": (
        "The filter `{name}` does not exist.",
        "过滤条件 `{name}` 不存在。",
    ),
    "groups.delete-snapshot-group": (
        "`SnapshotGroupId` or `SnapshotGroupIds` is required.",
        "缺少参数：`SnapshotGroupId`。",
    ),
    "groups.missing": (
        "The snapshot group `{id}` does not exist.",
        "快照组 `{id}` 不存在。",
    ),
    "groups.several-instances": (
        "The disks are not attached to one instance.",
        "云硬盘必须挂载在同一实例上。",
    ),
    "image-state": (
        "The image `{id}` is in the state {state}.",
        "镜像 `{id}` 的状态不支持该操作。",
    ),
    "images.undeletable": (
        "The image `{id}` is in the state {state}.",
        "镜像 `{id}` 处于 {state} 状态，不支持该操作。",
    ),
    "instances.if-operating": (
        "The instance `['{instance}']` already has operation in progress. Please try again later.",
        "实例 `{instance}` 有操作正在进行中：{name}。",
    ),
    "instances.unless": (
        "The instance `{instance}` in the state `{found}` does not support {action}.",
        "实例 `{instance}` 处于 `{found}` 状态，不支持该操作。",
    ),
    "key-pairs.import-key-pair": (
        "The public key is malformed.",
        "公钥格式不合法。",
    ),
    "key-pairs.name": (
        "The name `{name}` is invalid or taken.",
        "密钥名称 `{name}` 不合法或已存在。",
    ),
    "launch-checks.check": (
        "The sandbox does not simulate `{name}`.",
        "沙箱未模拟参数 `{name}`。",
    ),
    "launch-checks.timer-action": (
        "The ActionTimer must be TerminateInstances, at least 5 minutes ahead.",
        "定时任务仅支持定时销毁 (TerminateInstances)。",
    ),
    "launch-checks.timer-form": (
        "The time of the ActionTimer is malformed.",
        "定时任务的执行时间格式不合法。",
    ),
    "launch-request.charge-type": (
        "The charge type {charge_type} is not simulated.",
        "沙箱不支持计费模式 {charge_type}。",
    ),
    "launch-request.disk": (
        "The disk type {type} with {gib} GiB is not available.",
        "磁盘类型 {type} 或容量 {gib} GiB 不合法。",
    ),
    "launch-request.period": (
        "A prepaid instance requires `InstanceChargePrepaid`.",
        "包年包月实例缺少参数：`InstanceChargePrepaid`。",
    ),
    "launch-request.read": (
        "The request is missing a required parameter `{name}`.",
        "缺少参数：`{name}`。",
    ),
    "launch-request.spot": (
        "The maximum price is not a number.",
        "竞价价格不合法。",
    ),
    "launch-request.system-disk": (
        "The system disk of {gib} GiB is smaller than the image of {size_gib} GiB.",
        "系统盘大小 {gib} GiB 小于镜像大小 {size_gib} GiB。",
    ),
    "launch-request.zone": (
        "The zone `{zone}` is not one of the region {region}.",
        "可用区 `{zone}` 不属于地域 {region}。",
    ),
    "listing.find": (
        "`{id}` does not exist.",
        "资源 `{id}` 不存在。",
    ),
    "listing.require": (
        "`{id}` is a default resource; the sandbox does not change it.",
        "`{id}` 为默认资源，沙箱不支持修改。",
    ),
    "login-settings.public-image": (
        "A public image does not support KeepImageLogin.",
        "公共镜像不支持保留镜像登录设置。",
    ),
    "login-settings.several": (
        "Only one of `Password`, `KeyIds` and `KeepImageLogin` can be specified.",
        "`Password`、`KeyIds` 与 `KeepImageLogin` 只能指定一个。",
    ),
    "modify.deletable": (
        "The image `{id}` belongs to another account.",
        "镜像 `{id}` 不属于当前账号。",
    ),
    "modify.missing-disk": (
        "`DiskId` is required.",
        "缺少参数 `DiskId`。",
    ),
    "modify.shrinking-disk": (
        "The disk `{disk}` has {size_gib} GiB; disks cannot shrink.",
        "云硬盘 `{disk}` 的容量只能增大。",
    ),
    "monitor.dimension": (
        "The namespace or a dimension is not simulated.",
        "沙箱未模拟该命名空间或维度。",
    ),
    "monitor.period": (
        "The period is reversed, or has too many data points.",
        "时间段不合法，或数据点过多。",
    ),
    "monitor.resources": (
        "At most {most} instances are allowed.",
        "实例数量超过上限 {most}。",
    ),
    "monitor.time": (
        "`{text}` is not a time.",
        "`{text}` 不是合法的时间。",
    ),
    "networks.addresses": (
        "The number of private addresses must equal the number of instances.",
        "内网 IP 数量须与实例数量一致。",
    ),
    "networks.malformed": (
        "`{id}` is malformed.",
        "`{id}` 格式不合法。",
    ),
    "policies.disk-ids": (
        "`DiskIds` is required.",
        "缺少参数：`DiskIds`。",
    ),
    "policies.peers": (
        "`{names}` cannot be given together.",
        "参数 `{names}` 不能同时指定。",
    ),
    "policies.port": (
        "The port `{port}` is not a port, a range of ports or ALL.",
        "端口 `{port}` 不合法。",
    ),
    "policies.retention": (
        "`IsPermanent` and `RetentionDays` cannot be given together.",
        "参数 `IsPermanent` 与 `RetentionDays` 不能同时指定。",
    ),
    "policies.schedules": (
        "A policy needs hours from 0 to 23, and days of the week (0 to 6), days of the "
        "month (1 to 31) or an interval of 1 to 365 days.",
        "定期快照的执行策略不合法。",
    ),
    "policies.word": (
        "`{word}` is not a valid `{name}`.",
        "参数 `{name}` 的取值 `{word}` 不合法。",
    ),
    "reinstall.find-disk": (
        "`DiskId` does not name a disk of the instance `{instance}`.",
        "`DiskId` 不是实例 `{instance}` 的磁盘。",
    ),
    "reinstall.local": (
        "The system disk of `{instance}` is a local disk.",
        "实例 `{instance}` 的系统盘为本地盘，不支持该操作。",
    ),
    "reinstall.missing-size": (
        "`DiskSize` is required.",
        "缺少参数：`DiskSize`。",
    ),
    "reinstall.one-disk": (
        "Exactly one of `SystemDisk` and `DataDisks` is required.",
        "`SystemDisk` 与 `DataDisks` 必须且只能指定一个。",
    ),
    "reinstall.reset-instances-type": (
        "The instance `{instance}` already has the type {name}.",
        "实例 `{instance}` 的机型已是 {name}。",
    ),
    "reinstall.several-disks": (
        "Only one data disk can be resized at a time.",
        "一次只支持扩容一块数据盘。",
    ),
    "reinstall.shrinking": (
        "The disk `{disk}` has {size_gib} GiB and cannot have {gib} GiB.",
        "磁盘 `{disk}` 的容量为 {size_gib} GiB，不能调整为 {gib} GiB。",
    ),
    "rollback.apply-snapshot": (
        "`{snapshot}` is not a usable snapshot of the disk `{disk}`.",
        "快照 `{snapshot}` 不是云硬盘 `{disk}` 的可用快照。",
    ),
    "rollback.in-use": (
        "`AutoStartInstance` requires `AutoStopInstance`.",
        "`AutoStartInstance` 需要同时指定 `AutoStopInstance`。",
    ),
    "roles.policy": (
        "PolicyDocument is not a JSON object.",
        "策略文档不合法。",
    ),
    "run.count": (
        "Only {held} instances of the type {name} are available.",
        "机型 {name} 库存不足。",
    ),
    "security-groups.find-policy": (
        "The security group has no such policy.",
        "安全组规则不存在。",
    ),
    "security-groups.modify-security-group-policies": (
        "Ingress or Egress is required.",
        "`Ingress` 与 `Egress` 至少需要指定一个。",
    ),
    "security-groups.one-direction": (
        "Exactly one of Ingress and Egress is required.",
        "`Ingress` 与 `Egress` 必须且只能指定一个。",
    ),
    "share.encrypted": (
        "The image `{id}` is encrypted.",
        "加密镜像 `{id}` 不支持共享。",
    ),
    "share.whole-machine": (
        "The image `{id}` includes data disks.",
        "整机镜像 `{id}` 不支持共享。",
    ),
    "signature.fresh": (
        "The timestamp is not a number.",
        "Timestamp 不是合法的数字。",
    ),
    "signature.verify-old": (
        "The signature method `{method}` is not supported.",
        "不支持的签名方法：`{method}`。",
    ),
    "snapshot-creating": (
        "The snapshot `{snapshot}` is still being created.",
        "快照 `{snapshot}` 正在创建中。",
    ),
    "snapshots.not-found": (
        "The snapshot `{id}` does not exist.",
        "快照 `{id}` 不存在。",
    ),
    "sts.assume-role-with-web-identity": (
        "The identity provider does not exist.",
        "身份提供商不存在。",
    ),
    "sts.role": (
        "RoleArn is malformed.",
        "RoleArn 不是合法的角色资源描述。",
    ),
    "sync.elsewhere": (
        "The image is already in {region}.",
        "镜像已在 {region}。",
    ),
    "sync.encryption": (
        "The image `{image}` is encrypted.",
        "加密镜像 `{image}` 不支持该操作。",
    ),
    "sync.inside": (
        "This image can be copied only within {region}.",
        "该镜像只能在 {region} 内复制。",
    ),
    "sync.source": (
        "The image `{id}` includes data disks.",
        "整机镜像 `{id}` 不支持复制。",
    ),
    "tags.modify-resource-tags": (
        "The tags of `{name}` could not be changed.",
        "资源 `{name}` 的标签修改失败。",
    ),
    "transfer.exportable": (
        "The image `{id}` cannot be exported.",
        "镜像 `{id}` 不支持导出。",
    ),
    "validation.contradiction": (
        "The parameter `{name}` contradicts another parameter.",
        "参数 `{name}` 与其他参数冲突。",
    ),
    "vpcs.cidr": (
        "`{cidr}` is not a CIDR block.",
        "`{cidr}` 不是合法的 CIDR。",
    ),
    "vpcs.dns": (
        "A DNS server is not an IPv4 address.",
        "DNS 服务器不是 IPv4 地址。",
    ),
    "vpcs.limit": (
        "There are too many VPCs.",
        "VPC 数量超过限制。",
    ),
    "vpcs.mask": (
        "The mask of `{cidr}` is not allowed.",
        "`{cidr}` 的掩码不合法。",
    ),
    "vpcs.private": (
        "`{cidr}` is not a private network.",
        "`{cidr}` 不是私有网段。",
    ),
}
