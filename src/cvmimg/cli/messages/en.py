"""All sentences of the program, in English: code to template.

A code with ".hint" behind it is what to do about the error of that code. Parameters are named;
``cli/messages/__init__.py`` lists the forms that they may take.
"""

TEXTS: dict[str, str] = {}

# --- stages ---------------------------------------------------------------------------------
TEXTS |= {
    "progress.done": "done in {seconds:duration}",
    "progress.failed": "failed after {seconds:duration}",
    "progress.interrupted": "interrupted after {seconds:duration}",
    "progress.timed_out": "timed out after {seconds:duration}",
    "progress.elapsed": "{seconds:duration} so far",
    "progress.percent": "{percent} %",
    "progress.about-percent": "about {percent} %",
    "progress.remaining": "about {time} left",
    "progress.left": "~{time} left",
    "progress.more-stages": "{count:more is|more are} in progress",
    "progress.stopping": "stopping safely; press Ctrl-C again to quit now",
}

TEXTS |= {
    "stage.check": "checking {subject}",
    "stage.settle": "waiting for the operation on {subject} to finish",
    "stage.fstab": "disabling data disks in /etc/fstab of {subject}",
    "stage.restore": "restoring /etc/fstab of {subject}",
    "stage.stop": "stopping {subject}",
    "stage.start": "starting {subject}",
    "stage.request": "requesting image {name}",
    "stage.image": "creating image {name}",
    "stage.wait": "waiting for image {name}",
    "stage.launch": "launching {count:instance|instances} from {subject}",
    "stage.boot": "waiting for {count:instance|instances} to run",
    "stage.freeze": "freezing file systems of {subject}",
    "stage.thaw": "thawing file systems of {subject}",
    "stage.start-snapshots": "starting {count:snapshot|snapshots} of {subject}",
    "stage.snapshots": "creating snapshots of {subject}",
    "stage.delete": "deleting {subject} ({image})",
    "stage.delete-snapshots": "deleting {count:snapshot|snapshots}",
    "stage.update": "updating {subject}",
}

# --- notices --------------------------------------------------------------------------------
TEXTS |= {
    "Retrying": "{error}; retrying",
    "AnswerLost": "The answer to step {step:quoted} was lost; checking whether it was carried out.",
    "AccountNotKnown": "These credentials may not ask which account they belong to, so an"
    " interrupted operation can only be resumed with the same key.",
    "JournalFileSkipped": "skipped a file of the journal: {error}",
    "OperationNotResumed": "{operation}: {error}",
    "NotClosed": "The journal could not be written; run this to close the operation: {command}",
    "NotStartedAgain": "{instance} is {state}, so it is not started again",
    "InstanceIsGone": "{instance} no longer exists, so it is not started again",
    "FstabNotRestored": "/etc/fstab of {instance} was not restored: {detail}",
    "RemountFailed": "/etc/fstab of {instance} is restored, but not everything is mounted:"
    " {detail}",
    "FinishLater": "{instance} stays as it is until the image is ready and you run: {command}",
    "ReplacesImage": "the region is full: image {image} ({name}) is deleted first, with"
    " {count:snapshot|snapshots} (up to {gib} GiB)",
    "SnapshotDryRun": "{count:disk|disks}, {gib} GiB: no snapshot was created",
    "unfinished.one": "operation {id} is unfinished: {command}",
    "unfinished.several": "{count:operation|operations} are unfinished: {command}",
    "created.launch": "start instances from it: {command}",
    "created.wait": "wait until it can be used: {command}",
}

# --- command line and configuration ---------------------------------------------------------
TEXTS |= {
    "confirm.again": "Please answer y or n.",
    "delete.confirm": "Permanently delete {count:this image|these # images}?",
    "launch.confirm": "Launch {count:instance|instances} from {image}?",
    "replace.confirm": "Permanently delete this image to make room?",
    "Declined": "declined; nothing was changed",
    "InterruptedAtPrompt": "interrupted; nothing was changed",
    "NotConfirmed": "this command asks for confirmation, and there is no terminal to ask on",
    "NotConfirmed.hint": "add --yes",
    "OutputFailed": "the result could not be written to stdout: {reason}",
}

# --- cloud and credentials ------------------------------------------------------------------
_FIX_FILE = "fix the file, or run `tccli configure`"
TEXTS |= {
    "ConfigNotFound": "the config file {path} does not exist",
    "ConfigNotFound.hint": "fix or unset CVMIMG_CONFIG",
    "CredentialsMissing": "no credentials were found",
    "CredentialsMissing.hint": "set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or run"
    " `tccli configure`; to try cvmimg without an account, add --sandbox",
    "CredentialsIncomplete": "{missing} is not set, but other parts of the credentials are",
    "CredentialsIncomplete.hint": "set {missing} as well",
    "CredentialsFileInvalid": "{path} is not valid {format}",
    "CredentialsFileInvalid.hint": _FIX_FILE,
    "CredentialsFileUnreadable": "{path} cannot be read: {reason}",
    "CredentialsFileUnreadable.hint": _FIX_FILE,
    "ProfileCredentialsMissing": "profile {profile:quoted} has no credentials",
    "ProfileCredentialsMissing.hint": "credentials are read from ~/.tccli/{profile}.credential and"
    " from [{profile}] in ~/.tencentcloud/credentials; run `tccli configure --profile {profile}`",
    "ProfileNotFound": "--profile: profile {profile:quoted} does not exist",
    "ProfileNotFound.hint": "profiles are read from the config file, from ~/.tccli and from"
    " ~/.tencentcloud/credentials",
    "RoleWithoutKeys": "{path} names the role {role}, but no keys that can assume it",
    "RoleWithoutKeys.hint": _FIX_FILE,
    "LoginExpired": "the login in {path} has expired",
    "LoginExpired.hint": "log in again: {command}",
    "WebIdentityTokenMissing": "no web identity token was found",
    "WebIdentityTokenMissing.hint": "set TENCENTCLOUD_WEB_IDENTITY_TOKEN or"
    " TENCENTCLOUD_WEB_IDENTITY_TOKEN_FILE; a GitHub Actions job needs the permission"
    " `id-token: write`",
    "WebIdentityTokenRefused": "{host} did not issue a web identity token",
    "WebIdentityTokenRefused.hint": "check the job's permission to request ID tokens, then retry",
    "WebIdentityUrlInsecure": "ACTIONS_ID_TOKEN_REQUEST_URL is not an https URL (host {host})",
    "InstanceRoleUnavailable": "the metadata service returned no credentials for an instance role",
    "InstanceRoleUnavailable.hint": "bind a CAM role to this instance, and check"
    " TENCENTCLOUD_CAM_ROLE_NAME",
    "EndpointInvalid": "--endpoint: {url:quoted} is not the URL of a host",
    "EndpointInvalid.hint": "write it like https://cvm.example.com or http://127.0.0.1:8080",
    "EndpointInsecure": "{option}: {url:quoted} would send requests unencrypted over the network",
    "EndpointInsecure.hint": "use https; plain http is only for a loopback address such as"
    " 127.0.0.1",
    "DomainInvalid": "domain: {domain:quoted} is not a host name",
    "DomainInvalid.hint": "use intl, internal, or a domain such as intl.tencentcloudapi.com",
    "ApiRefused": "{action} was refused: {text}",
    "VerifyMfa": "verify with multi-factor authentication (MFA), then retry",
    "FixClock": "the clock of this machine is off by more than 5 minutes: set it (for example"
    " `timedatectl set-ntp true`)",
    "CheckSecretId": "the secret id does not exist or was deleted: check TENCENTCLOUD_SECRET_ID or"
    " the profile",
    "CheckSecretKey": "the secret key does not belong to the secret id: check"
    " TENCENTCLOUD_SECRET_KEY or the profile",
    "RenewCredentials": "the temporary credentials have expired, or their token is wrong: get new"
    " ones",
    "RequestPermission": "the account's policy does not permit this call: ask its administrator for"
    " the permission",
    "CheckRegion": "--region is not a region of Tencent Cloud; regions look like ap-guangzhou,"
    " ap-shanghai or na-siliconvalley",
    "TopUpAccount": "top up the account",
    "FreeImageQuota": "delete an image (see `cvmimg quota`), or ask for a higher quota",
    "ChooseOtherName": "choose another --name",
    "ReduceRequests": "other programs use up the account's request rate: try again later",
    "Unreachable": "{action}: {host} cannot be reached ({reason})",
    "NoAnswer": "{action}: {host} did not answer ({reason})",
    "CheckNetwork": "check the network, the proxy settings and --endpoint, then retry",
    "HttpError": "{action}: {host} answered with an HTTP error",
    "NotApiAnswer": "{action}: {host} gave an answer that is not Tencent Cloud's",
    "RedirectRefused": "{action}: {host} answered with a redirect, and redirects are not followed",
    "AnswerTooLarge": "{action}: {host} gave an answer that is too large or too slow",
    "CheckEndpoint": "check --endpoint and any proxy on the way; otherwise try again later",
    "AnswerUnreadable": "{action}: the answer is not Tencent Cloud's ({field} is unreadable)",
    "AnswerUnreadable.hint": "check --endpoint; if it is right, please report this with the output"
    " of -v",
    "OutcomeUnknown": "{error}; whether it was carried out is unknown",
    "ImageNotFound": "image {image} does not exist in {region}",
    "ImageNotFound.hint": "check the id and --region",
    "InstanceNotFound": "instance {instance} does not exist in {region}",
    "InstanceNotFound.hint": "check the id and --region",
    "image.subject.one": "image {id}",
    "image.subject.several": "{count:image|images}",
    "instance.subject.one": "instance {id}",
    "instance.subject.several": "{count:instance|instances}",
    "snapshot.subject.one": "snapshot {id}",
    "snapshot.subject.several": "{count:snapshot|snapshots}",
    "TaskFailed": "{subject} ended as {state} ({reason})",
    "NoReasonGiven": "the cloud gives no reason",
    "StartedMeanwhile": "it was started meanwhile",
    "NotListed": "{id} is not listed",
    "NoLongerListed": "{id} is no longer listed",
    "NotListedYet": "not listed",
    "UnknownState": "{id} is in state {state:quoted}, which this version does not know; still"
    " waiting",
    "WaitTimeout": "{subject} is still {state} after {seconds:duration}",
    "DryRunIgnored": "the dry run of {action} was carried out and created {ids:list}",
    "DryRunIgnored.hint": "delete what was created, and report this",
    "ProtocolInvalid": "TENCENTCLOUD_PROTOCOL: {protocol:quoted} is neither HTTPS nor HTTP",
}

# --- guest ----------------------------------------------------------------------------------
TEXTS |= {}

# --- checks ---------------------------------------------------------------------------------
TEXTS |= {}

# --- operations and the journal -------------------------------------------------------------
TEXTS |= {
    "PlainText": "{text}",
    "NoOperations": "no operations",
    "StepNotCarriedOut": "step {step:quoted} was tried {attempts:time|times} and not carried out",
    "StepNotCarriedOut.hint": "try again later",
    "LostAnswerNotResolved": "The answer was lost, and the timeout passed before it was clear"
    " whether the request was carried out.",
    "OperationNotFound": "operation {operation} is not in the journal",
    "OperationNotFound.hint": "list the operations: cvmimg operations list",
    "NoUnfinishedOperation": "there is no unfinished operation {operation}",
    "NoUnfinishedOperation.hint": "list the operations: cvmimg operations list",
    "OperationBusy": "another cvmimg process is working on {operation}",
    "OperationBusy.hint": "wait for it to finish, or stop it first",
    "InstanceBusy": "another cvmimg process is working on {instance}",
    "InstanceBusy.hint": "wait for it to finish, then retry",
    "InstanceInUse": "operation {operation} ({kind}) is working on {instance}",
    "InstanceInUse.hint": "wait for it to finish, or stop it first",
    "OperationUnfinished": "operation {operation} ({kind}) on {instance} is unfinished",
    "OperationUnfinished.hint": "finish it: cvmimg resume {operation}\n"
    "or roll it back: cvmimg resume {operation} --undo",
    "OperationNotClosable": "operation {operation} cannot be closed: {steps:list} not settled",
    "OperationKindUnknown": "{operation} is a {kind:quoted} operation, which this version does not"
    " know",
    "OperationKindUnknown.hint": "use the newer version of cvmimg that began it",
    "ForgetUnfinished": "{operation} is unfinished: an instance may have to be restored",
    "ForgetUnfinished.hint": "resume it: cvmimg resume {operation}\n"
    "or remove it anyway: cvmimg operations forget {operation} --yes",
    "JournalUnusable": "the journal cannot be used: {reason} ({path})",
    "JournalUnusable.hint": "free disk space, fix the permissions, or choose another folder with"
    " CVMIMG_STATE_DIR",
    "JournalFull": "the journal cannot be written: {reason}",
    "JournalFull.hint": "free disk space or fix the permissions in {folder}, then run:"
    " cvmimg resume {operation}",
    "JournalNotWritten": "The operation could not be closed in the journal.",
    "JournalDamaged": "{path} is damaged and cannot be read",
    "JournalDamaged.hint": "inspect it; if nothing is left to restore, remove it:"
    " cvmimg operations forget {operation}",
    "JournalFileForeign": "{path} is not the record of an operation",
    "JournalFileForeign.hint": "remove it if you do not need it",
    "JournalTooNew": "{path} was written by a newer version of cvmimg (format {version}; this"
    " version reads {known})",
    "JournalTooNew.hint": "use the newer version",
    "OtherCloud": "{operation} belongs to a different cloud ({cloud}); this is {current}",
    "OtherCloud.hint": "resume it with --sandbox, --endpoint or neither, as it was begun",
    "OtherAccount": "{operation} was begun by account {account}; these credentials belong to"
    " account {current}",
    "OtherAccount.hint": "use the credentials it was begun with (profile {profile})",
    "AccountUnknown": "{operation} was begun with another key, and it is not known whether these"
    " credentials belong to the same account",
    "AccountUnknown.hint": "use the credentials it was begun with, or, if you know that they"
    " belong to the same account:\n{command}",
    "RevertFailedAfter": "This was attempted after a failure: {error}",
    "InstancesRestored": "{instances:list} is as it was before.",
}

# --- create, launch, snapshot, delete, update -----------------------------------------------
TEXTS |= {
    "NamePlaceholder": "--name: {name:quoted} holds an unknown placeholder; known are {known:list}",
    "SameNameTwice": "--name: two images would be named {name:quoted}",
    "SameNameTwice.hint": "add a placeholder, such as {{instance_name}} or {{instance_id}}",
    "NoInstanceSelected": "no instance in {region} carries {tags:list}",
    "NoInstanceSelected.hint": "check --select and --region",
    "QuotaForAll": "{region} has room for {free:image|images} (limit {allowed}), but {count} are"
    " wanted",
    "QuotaForAll.hint": "delete images that are not needed, or image fewer instances at once",
    "OthersFailed": "not started, because {instances:list} failed a check",
    "SomeFailed": "{failed} of {count:image|images} failed",
    "ImageContinues": "Image {image} is still being created.",
    "ImageIsReady": "Image {image} is ready.",
    "ImageUnknown": "Whether image {name} is being created is unknown.",
    "ImageRemains": "Image {image} remains; delete it with: {command}",
    "DeleteFailedImage": "delete what is left of it: {command}",
    "StaysStopped": "{instance} stays stopped until you run:",
    "FstabStaysChanged": "Data disks stay disabled in /etc/fstab of {instance} until you run:",
    "TagsMayBeForbidden": "If the policy only forbids tags, add --no-tags.",
    "TryForceStop": "its operating system may ignore a graceful shutdown: add --force-stop",
    "ConfirmReplace": "Permanently delete image {image} ({name}) to make room?",
    "NothingToReplace": "--replace-oldest: no unused image in {region} matches {pattern:quoted}",
    "NothingToReplace.hint": "choose other images, such as 'web-*' or family:web, or delete one"
    " yourself",
    "InstancesFailed": "{count} of {total:instance|instances} failed: {reasons:list}",
    "InstancesFailed.hint": "{running:instance|instances} running; launch the missing ones again",
    "InstanceFailed": "{instance} is {state} ({reason})",
    "InstancesContinue": "{count:instance|instances} still starting: {instances:list}.",
    "InstancesRemain": "{count:instance|instances} launched and left running: {instances:list}.",
    "LaunchUnknown": "Whether instances were launched is unknown (candidates: {candidates:list}).",
    "FreezeNotHeld": "the file systems of {instance} did not stay frozen until all snapshots were"
    " started",
    "FreezeNotHeld.hint": "retry, or snapshot fewer disks at once",
    "MayBeFrozen": "File systems of {instance} may be frozen; they thaw after two minutes.",
    "SnapshotsContinue": "{count:snapshot|snapshots} still being created: {snapshots:list}.",
    "AlreadyDeleted": "Already deleted: {images:list}.",
    "AlreadyChanged": "Already changed in {image}: {changes:list}.",
    "NothingToUpdate": "nothing to update",
    "NothingToUpdate.hint": "add --name, --description, --family, --tag or another option",
    "TagAddedAndRemoved": "--untag: {key} is also given with --tag",
    "DescriptionTooLong": "--description: {length} characters; the limit is {longest}",
    "DescriptionTooLong.hint": "shorten it",
    "NotYourImage": "{image} is not a custom image of this account ({type})",
    "NotYourImage.hint": "copy or launch it instead",
}
