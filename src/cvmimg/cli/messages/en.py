"""The program's sentences in English, by code.

A code followed by ".hint" says what to do about that error. Parameters are named;
``cli/messages/__init__.py`` lists the forms that they can take.
"""

TEXTS: dict[str, str] = {}

# --- stages ---------------------------------------------------------------------------------
TEXTS |= {
    "progress.done": "done in {seconds:duration}",
    "progress.failed": "failed after {seconds:duration}",
    "progress.interrupted": "interrupted after {seconds:duration}",
    "progress.timed_out": "timed out after {seconds:duration}",
    "progress.elapsed": "{seconds:duration} so far",
    "progress.percent": "{percent}%",
    "progress.about-percent": "about {percent}%",
    "progress.remaining": "about {time} left",
    "progress.left": "~{time} left",
    "progress.more-stages": "{count} more in progress",
    "progress.stopping": "stopping safely; press Ctrl-C again to quit now",
}

TEXTS |= {
    "stage.check": "checking {subject}",
    "stage.settle": "waiting for the operation on {subject} to finish",
    "stage.fstab": "disabling data disks in /etc/fstab of {subject}",
    "stage.suspend": "temporarily changing settings of {subject} that must stay out of the image",
    "stage.reinstate": "restoring the settings of {subject}",
    "stage.restore": "restoring /etc/fstab of {subject}",
    "stage.stop": "stopping {subject}",
    "stage.start": "starting {subject}",
    "stage.request": "requesting image {name}",
    "stage.image": "creating image {name}",
    "stage.wait": "waiting for {what}",
    "stage.launch": "launching {count:instance|instances} from {subject}",
    "stage.boot": "waiting for {count:instance|instances} to start",
    "stage.freeze": "freezing file systems of {subject}",
    "stage.thaw": "thawing file systems of {subject}",
    "stage.start-snapshots": "starting {count:snapshot|snapshots} of {subject}",
    "stage.snapshots": "creating snapshots of {subject}",
    "stage.delete": "deleting {subject} ({image})",
    "stage.delete-snapshots": "deleting {count:snapshot|snapshots}",
    "stage.update": "updating {subject}",
    "stage.copy": "copying {image} to {subject}",
    "stage.share": "sharing {subject} with {count:account|accounts}",
    "stage.unshare": "unsharing {subject} with {count:account|accounts}",
    "stage.deprecate": "deprecating {subject} ({image})",
    "stage.tag": "tagging {subject}",
    "stage.family": "changing the image that family {subject} serves",
}

# --- notices --------------------------------------------------------------------------------
TEXTS |= {
    "Retrying": "{error:clause}; retrying",
    "AnswerLost": "The response to step {step:quoted} was lost; checking whether the step took"
    " effect.",
    "AccountNotKnown": "These credentials may not look up their own account, so an interrupted"
    " operation can only be resumed with the same key.",
    "JournalFileSkipped": "skipped a journal file: {error}",
    "OperationNotResumed": "{operation}: {error}",
    "NotClosed": "The journal could not be written; run this to close the operation: {command}",
    "NotStartedAgain": "{instance} is {state}, so it was not started again",
    "InstanceIsGone": "{instance} no longer exists, so it was not started again",
    "FstabNotRestored": "/etc/fstab of {instance} was not restored: {detail}",
    "RemountFailed": "/etc/fstab of {instance} is restored, but not everything is mounted:"
    " {detail}",
    "FinishLater": "{instance} is not restored until the image is ready and you run: {command}",
    "ReplacesImage": "the image quota is full, so image {image} ({name}) is deleted first, with"
    " {count:snapshot|snapshots} (up to {gib} GiB)",
    "SnapshotDryRun": "{count:disk|disks}, {gib} GiB: no snapshot was created",
    "unfinished.one": "1 operation is unfinished: {command}",
    "unfinished.several": "{count:operation is|operations are} unfinished: {command}",
    "created.launch": "→ launch instances from it: {command}",
    "created.wait": "→ wait until it is ready: {command}",
}

# --- what was given, and what was done ------------------------------------------------------
TEXTS |= {
    "name.rename-other": "or rename that image:",
    "ArgumentUnexpected": "unexpected argument {word:quoted}",
    "FilterByName": "to filter by name: {command} --name {word}",
    "value.between": "{value:quoted} is not a number from {least} to {most}",
    "value.at-least": "{value:quoted} is not a number greater than or equal to {least}",
    "value.choice": "{value:quoted} is not one of {choices:list}",
    "value.fault": "{reason}",
    "value.fault-action": "the sandbox has no API action {target:quoted}",
    "OperationForgotten": "removed {operation} from the history",
    "SandboxReset": "restored the initial resources of the sandbox",
    "SandboxFaultsKept": "{count:fault is|faults are} still active; to remove: {command}",
    "SandboxExported": "wrote the state of the sandbox to {file}",
    "SandboxImported": "replaced the state of the sandbox with {file}",
    "SandboxCallsCleared": "removed all calls from the log",
    "SharedAlready": "{image} is already shared with {accounts:list}",
    "NotSharedWith": "{image} is not shared with {accounts:list}",
    "copy.region-similar": "this region does not exist; did you mean {names:or}?",
    "fstab.restored-later": "disabled for the image: {disabled:list}; resume restores it",
}

# --- command line and configuration ---------------------------------------------------------
TEXTS |= {
    "confirm.again": "Please answer y or n.",
    "delete.confirm": "Permanently delete {count:this image|these # images}?",
    "delete.confirm-snapshots": "Permanently delete {count:this snapshot|these # snapshots}?",
    "delete.confirm-both": "Permanently delete {images:image|images} and"
    " {snapshots:snapshot|snapshots}?",
    "prune.confirm": "Remove {count:operation|operations} from the history?",
    "NoSnapshots": "no snapshots",
    "NoImages": "no images in {region}",
    "snapshots.sum": "{listed} GiB listed; {region} GiB in the region, of which {charged} GiB are"
    " charged and {free} GiB are free of charge",
    "created.checks-passed": "checks passed",
    "created.fstab-line": "line {number}",
    "fstab.restored": "disabled for the image: {disabled:list}; restored",
    "fstab.not-restored": "disabled for the image: {disabled:list}; not restored ({detail})",
    "launch.agent-no": "not installed",
    "launch.agent-yes": "installed",
    "launch.bandwidth": "{value} Mbit/s",
    "launch.fixes": "first boot fixes",
    "launch.from-api": "API default",
    "launch.from-default": "default",
    "launch.from-given": "given",
    "launch.from-image": "image",
    "launch.from-like": "--like",
    "launch.from-profile": "profile",
    "launch.from-source": "source instance",
    "launch.from-template": "{template}",
    "launch.keep-login-no": "no",
    "launch.keep-login-yes": "yes",
    "launch.random-password": "random password, sent to the account's messages",
    "launch.user-data": "from the file",
    "launch.confirm": "Launch {count:instance|instances} from {image}?",
    "Declined": "declined; nothing was changed",
    "InterruptedAtPrompt": "interrupted; nothing was changed",
    "NotConfirmed": "this command needs confirmation, but there is no terminal to prompt on",
    "NotConfirmed.hint": "add --yes",
    "Interrupted": "interrupted",
    "Unexpected": "unexpected failure: {type}: {reason}",
    "Unexpected.hint": "retry with -vv to get a traceback, then report it",
    "UnexpectedReported": "please report it and attach this file, which contains no secrets:"
    " {path}",
    "DidYouMean": "did you mean {names:or}?",
    "SeeHelp": "see {command} --help",
    "ListCommands": "list all commands: cvmimg --help",
    "WrongUsage": "{reason}",
    "CommandUnknown": "unknown command {name:quoted}",
    "OptionUnknown": "unknown option {option}",
    "OptionsMissing": "missing {names:list}",
    "OptionRepeated": "{option} was given more than once",
    "OptionInvalid": "{option}: {reason}",
    "OptionsExclusive": "{option} cannot be used with {other}",
    "EitherWithOrAll": "use either --with or --all",
    "OptionNeeds": "{option} requires {other}",
    "FstabFileTooLarge": "--fstab-file: {path} is larger than 1 MiB, so it is not an fstab",
    "UserDataNotCombinable": "--user-data: user data of this kind cannot be combined with --fix",
    "UserDataNotCombinable.hint": "use a script (#!/bin/sh) or #cloud-config, or omit --fix",
    "FixesTooLarge": "--fix: with the fixes, the user data has {size} bytes; the limit is {most}",
    "FixesTooLarge.hint": "shorten your own user data",
    "FixesWithTemplate": "--fix: cannot be used with --template, because it would replace the"
    " template's user data",
    "FixesWithTemplate.hint": "omit --template or --fix",
    "FixesOnWindows": "--fix: {image} is a Windows image, and on Windows Sysprep gives instances"
    " their identity",
    "FixesOnWindows.hint": "create the image with --sysprep",
    "UserDataTooLarge": "--user-data: {path} is larger than 16 KB",
    "MinCountTooLarge": "--min-count: {min_count} is more than --count {count}",
    "value.id": "{value:quoted} is not an id of the form {prefix}-1a2b3c4d",
    "value.region": "{value:quoted} is not a region, such as ap-guangzhou or na-siliconvalley",
    "value.zone": "{value:quoted} is not a zone, such as ap-guangzhou-6",
    "value.instance": "{value:quoted} is not an id (ins-…) or a name",
    "value.account": "{value:quoted} is not the UIN of an account, such as 100000000002",
    "value.operation": "{value:quoted} is not an operation id, such as op-20261123-1a2b3c",
    "value.image": "{value:quoted} is not an id (img-…), a name or family:NAME",
    "value.empty": "must not be empty",
    "value.too-long": "{length:character|characters}; the limit is {longest}",
    "value.unprintable": "{value:quoted} contains unprintable characters",
    "value.tag": "{value:quoted} is not a tag; write it like team=web",
    "value.tag-filter": "{value:quoted} is not a tag; write it like team=web or team",
    "value.tag-too-long": "a key has at most {key} characters, a value {value}",
    "value.duration": "{value:quoted} is not a duration; write it like 30d, 2h, 1h30m or 45s",
    "value.no-duration": "must be more than 0 s",
    "value.disk": "{value:quoted} is not a disk; write it like 100, CLOUD_SSD:100 or CLOUD_SSD",
    "value.data-snapshot": "{value:quoted} is not a snapshot; write it like snap-1a2b3c4d,"
    " snap-1a2b3c4d:200 or snap-1a2b3c4d:200:CLOUD_SSD",
    "value.price": "{value:quoted} is not a price; write it like 0.25",
    "value.order": "{value:quoted} is not a sort order; write {key}:asc or {key}:desc",
    "value.column": "{value:quoted} is not a column",
    "value.query": "{value:quoted} is not a JMESPath expression: {reason}",
    "value.switch": "{variable}={value}: must be 1 or 0",
    "ConfigUnreadable": "{path} cannot be read: {reason}",
    "ConfigUnreadable.hint": "fix the file, or choose another one with CVMIMG_CONFIG",
    "ConfigNotToml": "{path} is not valid TOML: {reason}",
    "ConfigNotToml.hint": "fix the file, or choose another one with CVMIMG_CONFIG",
    "ConfigNotATable": "{key} must be a table",
    "ConfigKeyUnknown": "{place}: unknown key {key:quoted}",
    "ConfigKeyUnknown.hint": "known keys: {known:list}",
    "ConfigTypeInvalid": "{key}: {value:quoted} is not of type {type}",
    "ConfigValueInvalid": "{key}: {reason}",
    "ConfigCommandUnknown": "{place}: unknown command {command:quoted}",
    "ConfigOptionUnknown": "{place}: unknown option {option:quoted}",
    "ConfigHoldsSecret": "{path}: {key:quoted} looks like a secret; this file must not hold any",
    "ConfigHoldsSecret.hint": "put it into ~/.tencentcloud/credentials or run `cvmimg configure`,"
    ' then name that profile with credentials = "…"',
    "SandboxAndEndpoint": "--sandbox cannot be used with --endpoint",
    "SandboxAndEndpoint.hint": "the sandbox runs in this process and has no endpoint",
    "SandboxOptionInvalid": "{reason}",
    "SandboxOptionInvalid.hint": "see cvmimg sandbox serve --help; the fields of a world are"
    " described in docs/sandbox.md",
    "SandboxStateUnusable": "the state of the sandbox cannot be read or written: {reason}",
    "SandboxStateUnusable.hint": "free space on its disk, then retry",
    "SandboxUnusable": "the sandbox folder {folder} cannot be used: {reason}",
    "SandboxUnusable.hint": "start over with `cvmimg sandbox reset`, or choose another folder with"
    " CVMIMG_STATE_DIR",
    "SpeedInvalid": "{variable}: {value:quoted} is not a number greater than 0 and at most {most}",
    "SpeedInvalid.hint": "use a number such as 60, at which a sandbox minute takes one second",
    "TlsUnavailable": "the sandbox cannot serve TLS: {reason}",
    "TlsUnavailable.hint": "install openssl, or omit --tls",
    "TlsExplained": "HTTPS clients must trust the certificate authority {authority}\n"
    "and reach the sandbox through a proxy:\n"
    "  export HTTPS_PROXY={proxy} SSL_CERT_FILE={authority}\n"
    "  export REQUESTS_CA_BUNDLE={authority} NODE_EXTRA_CA_CERTS={authority}\n"
    "or through /etc/hosts, with --port 443:\n"
    "  127.0.0.1 {hosts}",
    "NoFaults": "no faults",
    "NoCalls": "no calls",
    "StateFileUnusable": "cannot use {file}: {reason}",
    "PortTaken": "cannot listen on port {port}: {reason}",
    "PortTaken.hint": "choose another --port, or omit it",
    "RegionInvalid": "{region:quoted} is not a region, such as ap-guangzhou or na-siliconvalley",
    "RegionInvalid.hint": "fix TENCENTCLOUD_REGION, or the region of the profile",
    "RegionMissing": "no region is set",
    "RegionMissing.hint": "add --region, such as --region ap-guangzhou, or set TENCENTCLOUD_REGION",
    "OutputFailed": "the result could not be written to stdout: {reason}",
}

# --- first minutes: configure, doctor, policy, config, explain -------------------------------
TEXTS |= {
    "welcome": """\
Create, manage and launch custom images on Tencent Cloud CVM (version {version}).

Try it without an account, in the simulated cloud:
  {cvmimg} --sandbox instances
  {cvmimg} --sandbox create ins-web00001 --name web-v2
  {cvmimg} --sandbox launch web-v2 --count 3

With your account: {cvmimg} configure
If something does not work: {cvmimg} doctor
All commands: {cvmimg} help""",
    "GivenTwice": "{option} cannot be used when the same is given as an argument",
    "value.command": "{value:quoted} is not a command",
    "value.code": "{value:quoted} is not a code, such as NameTaken, fstab or AuthFailure",
    "AnswerMissing": "the input ended before this was answered: {question}",
    "AnswerMissing.hint": "answer on a terminal, or pipe in the secret id, the secret key and the"
    " region, one per line",
    "configure.secret-id": "Secret id",
    "configure.secret-key": "Secret key (not shown)",
    "configure.region": "Region",
    "configure.check-keys": "check the secret id and the secret key, then run this again",
    "NothingSaved": "Nothing was saved.",
    "configure.replace": "Replace the keys in {path}?",
    "configure.next": "→ try it: {cvmimg} instances",
    "configure.shadowed": "TENCENTCLOUD_SECRET_ID is set and takes precedence over the saved"
    " credentials; unset it to use them",
    "CredentialsNotSaved": "{path} could not be written: {reason}",
    "CredentialsNotSaved.hint": "fix the permissions of its folder",
    "RegionUnknown": "{region:quoted} is not a region where instances can be created",
    "ProblemsFound": "{count:problem|problems} found: {names:list}",
    "doctor.versions": "cvmimg {version}, Python {python}",
    "doctor.config": "profile {profile:quoted} in {path}",
    "doctor.config-unused": "{path} has no profile {profile:quoted}",
    "doctor.config-missing": "no config file ({path} does not exist)",
    "doctor.state": "{folder} is writable; no unfinished operations",
    "StateFolderReadOnly": "the state folder {folder} is not writable",
    "StateFolderReadOnly.hint": "fix its permissions, or choose another one with CVMIMG_STATE_DIR",
    "doctor.sandbox": "the sandbox's own; no account needed",
    "doctor.credentials": "{id} ({source})",
    "doctor.region": "{region} ({source})",
    "doctor.endpoint": "{url}",
    "doctor.endpoint-sandbox": "the simulated cloud in this process",
    "doctor.proxy": "{url}, from {variable}",
    "doctor.no-proxy": "no proxy is set",
    "doctor.reached": "{host} responds",
    "doctor.reached-sandbox": "the simulated cloud responds",
    "doctor.clock-unknown": "the cloud did not send its time",
    "doctor.clock-right": "{seconds} s off the cloud's clock",
    "ClockAhead": "this machine's clock is {seconds} s ahead of the cloud's",
    "ClockBehind": "this machine's clock is {seconds} s behind the cloud's",
    "SetClock": "set the clock (for example `timedatectl set-ntp true`); requests are refused once"
    " it is off by 300 s",
    "doctor.account": "account {account}, {type}",
    "doctor.account-of": "{account} ({arn})",
    "doctor.permanent": "the credentials do not expire",
    "doctor.expires": "the credentials expire in {left:age}",
    "CredentialsExpireSoon": "the credentials expire in {left:age}",
    "doctor.region-exists": "{region} is one of {count} regions",
    "doctor.regions-unknown": "the regions could not be listed ({error})",
    "doctor.permitted": "{count:action is|all # actions are} permitted",
    "doctor.action": "{action}",
    "PermissionsMissing": "{count} of {total:action is|actions are} not permitted",
    "PermissionsMissing.hint": "ask an administrator to attach the policy below to your user or"
    " role",
    "PermissionsUnknown": "could not test whether these actions are permitted: {actions:list}",
    "TryAgainLater": "try again later",
    "WatchNeedsTerminal": "--watch: needs table output on a terminal",
    "watch.note": "every {seconds} s; press Ctrl-C to stop",
    "notify.done": "{command} finished after {seconds:duration}",
    "notify.failed": "{command} failed with exit code {exit_code} after {seconds:duration}",
    "report.doctor": "Report of `cvmimg doctor`",
    "report.unexpected": "Report of an unexpected error in cvmimg",
    "CodeUnknown": "unknown code {code:quoted}",
    "explain.where": "-o json shows an error's code; list the checks: {cvmimg} check --list",
    "explain.error": "an error of cvmimg",
    "explain.api-error": "an error of Tencent Cloud's API",
    "explain.check": "a check of create and check",
    "explain.check-result": "a result of a check",
    "explain.skip-check": "to create the image even if it fails, add --skip-check {check}",
    "explain.reads-guest": "This check reads inside the instance, through the automation agent or"
    " SSH.",
    "explain.result-of": "A result of {checks:list}.",
    "explain.api-code": "the API's own message, which states the reason",
    "explain.api-message": "read the message next to the code; Tencent Cloud support can find the"
    " call by its request id",
    "explain.throttled": "cvmimg waits and retries automatically, and gives up after nine"
    " attempts.",
    "explain.server-trouble": "cvmimg retries reads automatically; after a change, it checks"
    " whether the change took effect.",
    "explain.busy": "Another operation is using the resource; cvmimg waits for it to finish.",
    "explain.already-stopped": "The instance is already stopped, so cvmimg treats the stop as"
    " done.",
    "explain.already-running": "The instance is already running, so cvmimg treats the start as"
    " done.",
    "explain.unknown-tag": "A filter by this tag matches nothing.",
    "exit-code.1": "The cloud refused the request, or something unexpected failed.",
    "exit-code.2": "Wrong usage: correct the command line or the config file.",
    "exit-code.3": "A precondition failed, or the request cannot work as given; nothing was"
    " changed.",
    "exit-code.4": "The named image, instance, disk or operation does not exist.",
    "exit-code.5": "Credentials are missing, wrong or expired, or do not permit this.",
    "exit-code.6": "The task ran and failed.",
    "exit-code.7": "The wait timed out; the task continues in the cloud.",
    "exit-code.8": "The network or the cloud could not be reached, even after retries.",
    "exit-code.130": "Interrupted.",
}

# --- cloud and credentials ------------------------------------------------------------------
_FIX_FILE = "fix the file, or run `cvmimg configure`"
TEXTS |= {
    "ConfigNotFound": "the config file {path} does not exist",
    "ConfigNotFound.hint": "fix or unset CVMIMG_CONFIG",
    "CredentialsMissing": "no credentials were found",
    "CredentialsMissing.hint": "save yours: {cvmimg} configure\n"
    "or set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY\n"
    "searched, in this order: {places:list}\n"
    "to try it without an account, add --sandbox",
    "CredentialsIncomplete": "{missing} is not set, but other parts of the credentials are",
    "CredentialsIncomplete.hint": "set {missing} as well",
    "CredentialsFileInvalid": "{path} is not valid {format}",
    "CredentialsFileInvalid.hint": _FIX_FILE,
    "CredentialsFileUnreadable": "{path} cannot be read: {reason}",
    "CredentialsFileUnreadable.hint": _FIX_FILE,
    "ProfileCredentialsMissing": "profile {profile:quoted} has no credentials",
    "ProfileCredentialsMissing.hint": "credentials are read from ~/.tccli/{profile}.credential and"
    " from [{profile}] in ~/.tencentcloud/credentials; run `cvmimg configure --profile {profile}`",
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
    "WebIdentityUrlInsecure.hint": "unset it, or set the https URL that the CI system provides",
    "InstanceRoleUnavailable": "the metadata service returned no credentials for an instance role",
    "InstanceRoleUnavailable.hint": "bind a CAM role to this instance, and check"
    " TENCENTCLOUD_CAM_ROLE_NAME",
    "EndpointInvalid": "--endpoint: {url:quoted} is not the URL of a host",
    "EndpointInvalid.hint": "write it like https://cvm.example.com or http://127.0.0.1:8080",
    "EndpointInsecure": "{option}: {url:quoted} would send requests unencrypted over the network",
    "EndpointInsecure.hint": "use https; plain http is only allowed for a loopback address such as"
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
    "RenewCredentials": "the temporary credentials have expired or their token is wrong: get new"
    " ones",
    "RequestPermission": "the account's policy does not permit this call: ask its administrator for"
    " the permission",
    "CheckRegion": "regions of Tencent Cloud look like ap-guangzhou, ap-shanghai or"
    " na-siliconvalley",
    "TopUpAccount": "top up the account",
    "FreeImageQuota": "delete an image (see `cvmimg quota`), or request a higher quota",
    "CreateTagKey": "create the tag key in the console, or omit the tag",
    "SnapshotDataDisks": "leave the data disks out of the image; snapshot them with"
    " `cvmimg snapshot`, or copy them to new instances with `cvmimg launch --data-from`",
    "ChooseOtherName": "choose another --name",
    "StopSharing": "stop sharing the image first: {cvmimg} unshare IMAGE --all",
    "ReduceRequests": "other programs are using up the account's request rate: try again later",
    "Unreachable": "{action}: {host} cannot be reached ({reason})",
    "NoAnswer": "{action}: {host} did not respond ({reason})",
    "ProxyFailed": "{action}: the proxy to {host} failed ({reason})",
    "CheckProxy": "check HTTPS_PROXY and NO_PROXY, then retry",
    "CheckNetwork": "check the network, the proxy settings and --endpoint, then retry",
    "HttpError": "{action}: {host} returned an HTTP error",
    "NotApiAnswer": "{action}: {host} returned a response that is not from Tencent Cloud's API",
    "RedirectRefused": "{action}: {host} returned a redirect; redirects are not followed",
    "AnswerTooLarge": "{action}: the response from {host} is too large or too slow",
    "CheckEndpoint": "check --endpoint and any proxy in between, or try again later",
    "AnswerUnreadable": "{action}: the response is not in Tencent Cloud's format ({field} is"
    " unreadable)",
    "AnswerUnreadable.hint": "check --endpoint; if it is correct, please report this with the"
    " output of -v",
    "OutcomeUnknown": "{error:clause}; it is unknown whether the request took effect",
    "ImageNotFound": "image {image} does not exist in {region}",
    "ImageNotFound.hint": "check the id and --region",
    "InstanceNotFound": "instance {instance} does not exist in {region}",
    "InstanceNotFound.hint": "check the id and --region",
    "image.subject.one": "image {id}",
    "image.subject.several": "{count:image|images}",
    "instance.subject.one": "instance {id}",
    "instance.subject.several": "{count:instance|instances}",
    "copy.subject.one": "the copy to {id}",
    "copy.subject.several": "the copies to {count:region|regions}",
    "snapshot.subject.one": "snapshot {id}",
    "snapshot.subject.several": "{count:snapshot|snapshots}",
    "TaskFailed": "{subject} ended as {state} ({reason})",
    "NoReasonGiven": "the cloud gave no reason",
    "StartedMeanwhile": "it was started in the meantime",
    "NotListed": "{id} is not listed",
    "NoLongerListed": "{id} is no longer listed",
    "NotListedYet": "not listed",
    "UnknownState": "{id} is in state {state:quoted}, which is unknown to this version; still"
    " waiting",
    "WaitTimeout": "{subject} is still {state} after {seconds:duration}",
    "DryRunIgnored": "the API carried out the dry run of {action} and created {ids:list}",
    "DryRunIgnored.hint": "delete what was created, and report this",
    "ProtocolInvalid": "TENCENTCLOUD_PROTOCOL: {protocol:quoted} is not HTTPS or HTTP",
}

# --- guest ----------------------------------------------------------------------------------
TEXTS |= {
    "SshWithoutPowerShell": "Windows instances are read through the automation agent, not over SSH",
    "SshWithoutPowerShell.hint": "omit --guest ssh",
    "GuestNotRunning": "{instance} is not running",
    "GuestNotInVpc": "{instance} is not in a VPC, so the automation agent does not work",
    "GuestOnlyCopied": "{script} cannot run in the instance: only a copy of /etc/fstab is"
    " available",
    "GuestScriptFailed": "{script} failed in the guest (exit code {exit_code}): {output}",
    "GuestAnswerIncomplete": "part of the output of {script} is missing",
    "GuestAnswerMalformed": "the guest returned a malformed response",
    "GuestAnsweredOtherwise": "the guest returned an unexpected response (exit code {exit_code}):"
    " {output}",
    "GuestKeepsChanging": "the guest keeps changing while it is read",
    "GuestKeepsChanging.hint": "retry when the instance is less busy",
    "AgentDidNotRun": "the automation agent of {instance} did not run {script}: {status} {detail}",
    "AgentDidNotRun.hint": "check that the automation agent is online, or use --guest ssh",
    "AgentTimeout": "the automation agent of {instance} did not respond in time",
    "AgentTimeout.hint": "look up invocation {invocation} in the console",
    "AgentUnusable": "the automation agent of {instance} cannot be used: {detail}",
    "AgentUnusable.hint": "install or start the automation agent (TAT) in the instance, or use"
    " --guest ssh",
    "InvalidSshHost": "--ssh-host: {host:quoted} is not a host name or address",
    "InvalidSshUser": "--ssh-user: {user:quoted} is not a user name",
    "InvalidSshPort": "--ssh-port: {port} is not a port (1 to 65535)",
    "InvalidSshKey": "--ssh-key: not the path of a file",
    "SshMissing": "ssh was not found on this machine",
    "SshMissing.hint": "install OpenSSH",
    "SshTimeout": "{host} did not respond within {seconds} s",
    "SshFailed": "ssh to {host} failed: {detail}",
    "ssh.unknown-host-key": "log in once manually (ssh {host}) and verify the host key",
    "ssh.sudo": "log in as root, or allow the user to run sudo without a password",
    "ssh.check-login": "log in manually to check --ssh-host, --ssh-user, --ssh-port and --ssh-key",
    "guest.reason.no-fstab": "there is no file /etc/fstab",
    "guest.reason.no-sha256sum": "the guest has no sha256sum",
    "guest.reason.no-base64": "the guest has no base64",
    "guest.reason.changed-since-read": "{path} has changed since it was read",
    "guest.reason.changed-meanwhile": "{path} was changed in the meantime",
    "guest.reason.backup-failed": "{path} could not be backed up (disk full or read-only?)",
    "guest.reason.backup-exists": "another file exists where {path} would be backed up",
    "guest.reason.write-failed": "the new {path} could not be written (disk full or read-only?)",
    "guest.reason.unexpected-content": "the new {path} has unexpected content",
    "guest.reason.replace-failed": "{path} could not be replaced (immutable?)",
    "guest.reason.move-failed": "{path} could not be restored (disk read-only?)",
    "guest.reason.record-failed": "/run is not writable",
    "guest.reason.original-removed": "the backup of {path} was removed",
    "guest.reason.original-changed": "the backup of {path} was changed",
    "guest.reason.changed-and-original-removed": "{path} was changed and its backup was removed",
    "guest.reason.attribute-failed": "the attributes of {path} could not be changed",
    "guest.reason.unit-missing": "the directory of {path} does not exist",
    "guest.reason.other-freeze": "another operation has already frozen them",
    "guest.reason.incomplete": "an earlier attempt is still in progress",
    "guest.reason.fsfreeze-failed": "fsfreeze failed",
    "guest.reason.unknown": "the guest gave no reason",
    "guest.two-versions": "{reason}; the original is in {original}",
    "GuestFileChanged": "the guest has changed since it was read: {reason}",
    "GuestFileChanged.hint": "retry",
    "GuestFixFailed": "the fstab fix could not be applied: {reason}",
    "GuestFixSuperseded": "the fstab fix was reverted before it could be applied",
    "GuestFixStateUnknown": "the state of the fstab fix could not be determined: {reason}",
    "GuestRestoreFailed": "the original fstab could not be restored: {reason}",
    "FstabNotFixable": "{where} mounts {target}, which the system itself needs, but {why}",
    "FstabNotFixable.hint": "fix this line manually; --fix-fstab can only comment lines out",
    "UnitNotFixable": "the name of {path} is not what systemd requires",
    "UnitNotFixable.hint": "rename or remove this unit manually",
    "FstabCopyNotFixable": "--fix-fstab needs access to the instance, not a copy of the file",
    "FstabCopyNotFixable.hint": "omit --fstab-file, or fix the file in the instance manually",
    "fstab.unmounted": "{mounts:list} {output}",
    "FreezeEnded": "the file system freeze of {operation} has already ended",
    "FreezeEnded.hint": "retry, or omit --freeze",
    "FreezeRefused": "the file systems could not be frozen: {reason} {output}",
    "FreezeRefused.hint": "omit --freeze, or stop what uses the disks first",
    "FreezeStateUnknown": "could not determine whether the file systems are frozen",
    "FreezeStateUnknown.hint": "frozen file systems thaw automatically after two minutes",
}

# --- checks ---------------------------------------------------------------------------------
TEXTS |= {
    "check.instance": "The instance is running or stopped, and no operation is in progress on it.",
    "check.name": "The name is valid and not in use in the region.",
    "check.quota": "The region has room for one more custom image.",
    "check.power": "The instance can be imaged online, is stopped, or may be shut down.",
    "check.disks": "The disks are cloud disks that can be imaged now.",
    "check.fstab": "New instances boot: /etc/fstab and systemd units need no disk that they lack.",
    "check.system-disks": "The system's file systems are on disks that the image includes.",
    "check.kernel-options": "The kernel options name no device that new instances may lack.",
    "check.initramfs": "Every kernel has an initramfs, especially the next one to boot.",
    "check.virtio-drivers": "The next kernel to boot has the drivers for the system disk.",
    "check.file-systems": "The file systems have no errors.",
    "check.pending-reboot": "No update is waiting for a reboot.",
    "check.packages": "No package is partly installed.",
    "check.free-space": "The system disk is not full.",
    "check.accounts": "cloud-init can create users and set passwords.",
    "check.selinux-relabel": "No SELinux relabel is pending.",
    "check.cloud-init": "cloud-init is installed, enabled and able to run.",
    "check.cloud-init-modules": "cloud-init sets up users, keys, passwords, files and scripts.",
    "check.datasource": "cloud-init reads its data from this cloud.",
    "check.manual-cache": "cloud-init recognizes a new instance as new.",
    "check.network": "The network configuration does not contain this instance's address.",
    "check.network-config": "cloud-init is allowed to configure the network.",
    "check.machine-id": "New instances get their own machine id.",
    "check.host-keys": "New instances get their own SSH host keys.",
    "check.hostname": "New instances get their own host name.",
    "check.agents": "No agent is registered as this instance.",
    "check.disk-growth": "The root file system grows to fill a larger system disk.",
    "check.private-keys": "The image includes no private keys.",
    "check.authorized-keys": "The image includes no authorized SSH keys.",
    "check.credentials": "The image includes no credentials.",
    "check.histories": "The image includes no shell histories.",
    "check.passwords": "The image includes no passwords.",
    "check.databases": "No database is writing while the image is created.",
    "check.cluster-members": "No cluster member is running while the image is created.",
    "check.sysprep-state": "Sysprep can run: its state, services, activation and domain allow it.",
    "check.windows-reboot": "Windows has no pending reboot.",
    "check.cloudbase-init": "cloudbase-init is installed, enabled and complete.",
    "check.antivirus": "No antivirus software is installed that is known to block cloudbase-init.",
    "check.dry-run": "The API accepts the request.",
    "check.cleared-paths": "Notice: which paths Tencent Cloud clears in the image.",
    "check.snapshot-cost": "Notice: how many GiB of snapshots the image keeps.",
    # why, for the pages of the groups
    "check.system-disks.why": "A new instance gets the disks of the image and no others. If part"
    " of the system is on a data disk that the image lacks, or a volume group or RAID array spans"
    " one, the new instance does not boot.",
    "check.kernel-options.why": "Names such as /dev/vda1 depend on the order in which disks are"
    " found, and an instance of another type can name its disks differently. Many systems wait at"
    " every boot for a resume= device that is missing. The check reads the options of the running"
    " kernel and of the boot loader's default entry, and RESUME= in /etc/initramfs-tools.",
    "check.initramfs.why": "Without an initramfs, most kernels cannot mount the root file system."
    " The boot loader's default entry, from GRUB's configuration or from Boot Loader Specification"
    " files, names the kernel that a new instance boots.",
    "check.virtio-drivers.why": "The system disk of a CVM instance is a virtio device. A kernel"
    " has the driver built in or loads it from the initramfs; an initramfs that was built on other"
    " hardware may lack it. An initramfs that the system has already booted with is known to work"
    " and is not listed. The program that lists an initramfs (lsinitrd, lsinitramfs) keeps its"
    " temporary files in /run. A missing nvme driver is only a notice: few instance types need it.",
    "check.file-systems.why": "An image copies file system errors too, and the first boot of every"
    " new instance may stop at a repair prompt. The check reads what the kernel has counted and"
    " logged; it does not examine the disk itself.",
    "check.pending-reboot.why": "A kernel or library that was installed but never used is used for"
    " the first time on the new instances. If it does not work, it is better to find out on the"
    " source instance.",
    "check.packages.why": "A half-installed package makes later installations fail, on every new"
    " instance.",
    "check.free-space.why": "cloud-init, logs and package managers need space at the first boot."
    " The disk counts as full if less than 1% is left, if less than 5% and less than 1 GiB is"
    " left, or if less than 5% of the inodes are left.",
    "check.accounts.why": "Hardening guides recommend making the account files, such as"
    " /etc/shadow, immutable (chattr +i). cloud-init then cannot set the password and the keys"
    " requested at launch, and nobody can log in.",
    "check.selinux-relabel.why": "A relabel reads and writes every file on the disk and ends with"
    " a reboot, so the first boot takes minutes longer.",
    "check.cloud-init.why": "cloud-init gives a new instance its host name, keys, password,"
    " network and user data. The check looks for cloud-init itself, for the links that enable its"
    " units, for masked units, for the file and the kernel option that disable it, and for the"
    " Python interpreter that it uses, which another installation may have replaced.",
    "check.cloud-init-modules.why": "cloud.cfg lists what cloud-init does. Without users-groups"
    " and ssh, no keys are installed; without set-passwords, no password is set; without"
    " write-files, runcmd and scripts-user, no user data runs.",
    "check.datasource.why": "cloud-init only tries the data sources in its list; the last file"
    " that has a list decides. A seed in /var/lib/cloud/seed takes precedence over all of them.",
    "check.manual-cache.why": "With manual_cache_clean, cloud-init does not compare instance ids:"
    " it takes the new instance for the old one and sets up nothing.",
    "check.network.why": "A new instance has a different private address and a different MAC"
    " address. A static address makes it unreachable or diverts traffic from the source instance."
    " Files that cloud-init rewrites are ignored, unless it is not allowed to rewrite them.",
    "check.network-config.why": "Otherwise, new instances keep the image's network configuration.",
    "check.machine-id.why": "systemd, D-Bus, DHCP clients and monitoring tools identify machines"
    " by this id. Nearly every instance has one, and its copies inherit it.",
    "check.host-keys.why": "Anyone who has the host keys of one instance can impersonate all the"
    " others. cloud-init replaces the keys, unless ssh_deletekeys is off, its ssh module is not"
    " listed, or cloud-init does not run.",
    "check.hostname.why": "Instances with the same host name are hard to distinguish in logs and"
    " monitoring. A line in /etc/hosts with this instance's name or address sends new instances to"
    " the source instance.",
    "check.agents.why": "Two instances with the same registration displace each other. The check"
    " knows wazuh, puppet, salt, consul, kubelet, CI runners, subscriptions and domain"
    " memberships. Docker's engine id alone is only a notice.",
    "check.disk-growth.why": "An image can be launched with a larger system disk. Without"
    " growpart, the additional space stays unused.",
    "check.private-keys.why": "The check looks in ~/.ssh, and at *.pem and *.key, in the home of"
    " every account, and where services keep the keys of their certificates. Keys that packages"
    " generate for a self-signed certificate are ignored.",
    "check.authorized-keys.why": "Anyone who has one of these keys can log in to every instance"
    " launched from the image, in any account that the image is shared with. The check reads"
    " ~/.ssh/authorized_keys* of every account and /etc/ssh/authorized_keys.",
    "check.credentials.why": "The check looks in the home of every account for files with"
    " credentials for clouds (tccli and its log, coscli, AWS and others), kubectl, docker, git, CI"
    " runners, package registries and databases, and for shell profiles that set a secret key.",
    "check.histories.why": "Shell histories contain passwords that were typed as arguments."
    " Tencent Cloud clears the .bash_history of root and ubuntu, but no others.",
    "check.passwords.why": "An account with a password, or with an empty one, keeps it on every"
    " new instance, unless the launch sets another.",
    "check.databases.why": "A snapshot of a running instance holds what a power failure would"
    " leave. Databases recover from that, but recovery takes time, and caches may lose data.",
    "check.cluster-members.why": "A copy of a running member starts with the same identity,"
    " contacts the other members and can damage the cluster. The check knows etcd, ceph, mongod,"
    " kubelet and others. It fails unless the instance is shut down first.",
    "check.sysprep-state.why": "Sysprep gives new instances their own security identifier. It"
    " fails if an earlier run did not finish, if Windows activation has no rearm left, on a domain"
    " controller, or if a service that it needs is disabled. With --sysprep this is a failure,"
    " without it a notice.",
    "check.windows-reboot.why": "Updates that wait for a reboot slow down the first boot of every"
    " new instance, and Sysprep refuses to run.",
    "check.cloudbase-init.why": "cloudbase-init does on Windows what cloud-init does on Linux: it"
    " sets the host name and the Administrator password, extends the volumes and runs user data.",
    "check.antivirus.why": "Some products protect accounts and services so strictly that"
    " cloudbase-init cannot set the password, or Sysprep cannot finish.",
    "check.failed": "{count} of {total:check|checks} failed ({failed:list})",
    "check.summary": "{check}: {summary}",
    "check.notice": "{check} (notice): {summary}",
    "check.remedy": "{check}: {remedy}",
    "GroupPassed": "{count:check|checks} passed",
    "GroupReported": "{reported} of {count:check|checks} reported something",
    "GuestNotRead": "the guest was not read",
    "OtherSystem": "not applicable to this operating system",
    "NothingFound": "nothing found",
    "ChecksFailed": "{count} of {total:check|checks} failed ({failed:list}); nothing was changed",
    "ChecksFailed.remedies": "{remedies:lines}",
    "CheckSkipped": "skipped by --skip-check {check}",
    "Command": "{command}",
    "more": "and {count} more",
    "MadeFromSnapshots": "the image is made from snapshots, not from an instance",
    # instance
    "InstanceReady": "{instance} is {state}",
    "InstanceExpired": "{instance} has expired",
    "InstanceExpired.hint": "renew the instance in the console, then retry",
    "InstanceIsolated": "{instance} is isolated for security reasons",
    "InstanceIsolated.hint": "end the isolation in the console, which shows the reason, then retry",
    "SysprepNeedsWindows": "{instance} is not a Windows instance, so Sysprep cannot run in it",
    "SysprepNeedsWindows.hint": "omit --sysprep",
    "OperationInProgress": "{operation} is in progress on {instance}",
    "OperationInProgress.hint": "wait until it has finished, then retry",
    "InstanceInTransition": "{instance} is in transition ({state})",
    "InstanceInTransition.hint": "wait until it is RUNNING or STOPPED, then retry",
    "instance.some-operation": "an operation",
    "instance.described": "{name}, {type}, {os}",
    # name
    "NameNotGiven": "no name was given",
    "NameNotGiven.hint": "add --name",
    "NameFree": "{name:quoted} is not in use in {region}",
    "NameTaken": "{image} in {region} already has the name {name:quoted}",
    "NameTaken.hint": "choose another --name",
    "NameLength": "the name is {length:character|characters} long",
    "NameLength.hint": "choose a --name of 1 to {limit} characters",
    # quota
    "QuotaFree": "{used} of {quota} custom images used in {region}",
    "QuotaFull": "{used} of {quota} custom images used in {region}",
    "QuotaFull.hint": "delete an image, let create delete the oldest unused one with"
    " --replace-oldest, or request a higher quota in the console",
    "QuotaUnknown": "{used:custom image|custom images} in {region}; the quota could not be read",
    "QuotaUnknown.hint": "allow DescribeImageQuota; if the quota is full, the API refuses the"
    " image",
    "quota.all-in-use": "every image is in use or shared",
    "quota.see-uses": "see what uses an image:",
    "quota.oldest-unused": "the oldest images that nothing uses:",
    "quota.make-room": "make room, if an image is no longer needed:",
    "quota.replace-oldest": "or let create delete the oldest unused one: add --replace-oldest '*'",
    "quota.ask-for-more": "or request a higher quota in the console",
    "quota.image": "{image} {name:quoted}, {created}, {gib} GiB",
    "quota.image-without-date": "{image} {name:quoted}, {gib} GiB",
    # power
    "PowerInTransition": "{instance} is in transition ({state})",
    "PowerStopped": "{instance} is stopped",
    "PowerWillStop": "{instance} will be shut down gracefully (KEEP_CHARGING)",
    "PowerOnline": "{instance} can be imaged while it runs",
    "PowerMustStop": "{instance} must be shut down to be imaged",
    "PowerStopCharging": "{instance} is stopped with STOP_CHARGING, so it cannot be imaged",
    "power.stop-charging": "its CPU and memory were released; the API refuses it with"
    " UnsupportedOperation.StoppedModeStopCharging",
    "power.start-first": "start it, then let create shut it down with KEEP_CHARGING:",
    "power.cleaner-with-stop": "with --stop, the image also includes what programs still keep in"
    " memory",
    "power.allow-stop": "allow a graceful shutdown; the instance is started again afterwards:",
    "power.age-unknown": "its creation date is unknown",
    "power.too-old": "it was created before 2018-07-01 ({created})",
    "power.image-not-found": "its image {image} was not found",
    "power.image-not-public": "it was started from {image}, which is not a public image ({type})",
    "power.local-system-disk": "its system disk is not a cloud disk ({type})",
    # disks
    "SystemDiskReady": "the system disk will be imaged",
    "DisksReady": "the system disk and {count:data disk|data disks} will be imaged",
    "DisksNotReady": "{count:disk|disks} cannot be imaged",
    "DisksNotReady.hint": "exclude these disks (--data-disk chooses), or fix what is reported",
    "TooManyDataDisks": "{count} data disks exceed the limit of {limit}",
    "DiskIsSystemDisk": "{disk} is the system disk, which is always included",
    "DiskNotAttached": "{disk} is not attached to {instance}",
    "SystemDiskEncrypted": "the system disk {disk} is encrypted",
    "DiskIsLocal": "{disk} is a local disk ({type}); local disks cannot be snapshotted",
    "DiskEncrypted": "{disk} is encrypted",
    "DiskSnapshotInProgress": "the snapshot {snapshot} of {disk} is in progress ({percent}%)",
    "DiskRollingBack": "{disk} is being rolled back",
    "SystemSnapshots": "{count} of the snapshots are of a system disk; exactly one must be",
    "SystemSnapshots.hint": "use exactly one --snapshot of a system disk",
    "SnapshotsNotReady": "not ready: {snapshots:list}",
    "SnapshotsNotReady.hint": "wait until the snapshots are NORMAL, then retry",
    "SnapshotsReady": "{count:snapshot is|snapshots are} ready",
    "SnapshotNotFound": "--snapshot: {snapshots:list} not found in {region}",
    "SnapshotNotFound.hint": "check the id and --region",
    "disks.left-out": "not included: {count:data disk|data disks}",
    "disk": "{disk} ({gib} GiB)",
    "disk.system": "the system disk ({gib} GiB)",
    "disk.local": "a local disk ({gib} GiB)",
    "disk.unknown": "{device} (no cloud disk id)",
    # dry-run
    "DryRunAccepted": "the API accepts the request",
    "DryRunRefused": "the API would refuse: {error}",
    "DryRunNotPermitted": "the dry run is not permitted with these credentials: {error}",
    "DryRunIgnored.delete": "delete it, unless you want to keep it: {command}",
    "dry-run.error": "{message}",
    "dry-run.error-with-request": "{message} (request {request})",
    "dry-run.hint": "{hint}",
    "dry-run.fix": "fix what the API reports, then retry",
    # boot
    "SystemOnDataDisk": "on a data disk missing from new instances: {names:list}",
    "SystemOnDataDisk.hint": "move it to the system disk, or include the disk (--data-disk)",
    "KernelOptions": "the kernel's options name devices that can change: {names:list}",
    "KernelOptions.hint": "name them by UUID, or remove resume=, in the boot loader or in"
    " /etc/initramfs-tools/conf.d/resume",
    "NextKernelMissing": "the boot loader's default kernel is missing: {names:list}",
    "NextKernelMissing.hint": "update the boot loader (update-grub or grub2-mkconfig)",
    "NextInitramfsMissing": "no initramfs for the next kernel to boot: {names:list}",
    "NextInitramfsMissing.hint": "create it (update-initramfs or dracut)",
    "InitramfsMissing": "no initramfs for the kernel {names:list}",
    "InitramfsMissing.hint": "create it (update-initramfs or dracut), or remove the kernel",
    "VirtioMissing": "missing from both the next kernel to boot and its initramfs: {names:list}",
    "VirtioMissing.hint": "add them to the initramfs (update-initramfs, or dracut --add-drivers)",
    "NvmeMissing": "{names:list} is missing from both the kernel and its initramfs: instance types"
    " with an NVMe system disk do not boot",
    "NvmeMissing.hint": "add it to the initramfs if you use such instance types",
    "nvme.built-in": "nvme is built into the kernel",
    "nvme.initramfs": "nvme is in the initramfs",
    "FileSystemReadOnly": "mounted read-only: {names:list}",
    "FileSystemReadOnly.hint": "find out why (dmesg), and check the file system",
    "DiskErrors": "the kernel reports errors: {names:list}",
    "DiskErrors.hint": "check the file system at boot (fsck.mode=force), then retry",
    "RebootRequired": "an update is waiting for a reboot ({names:list})",
    "RebootRequired.hint": "reboot the instance first, so that what the image includes has booted"
    " once",
    "PackagesUnfinished": "the package manager has not finished: {names:list}",
    "PackagesUnfinished.hint": "finish it (dpkg --configure -a, or yum-complete-transaction)",
    "SystemDiskFull": "the system disk is nearly full: {names:list}",
    "SystemDiskFull.hint": "free disk space, or launch with a larger --system-disk",
    "AccountsImmutable": "cloud-init cannot change {names:list}",
    "AccountsImmutable.hint": "make them mutable (chattr -i), or only while the image is created:"
    " create --fix accounts",
    "RelabelPending": "an SELinux relabel is pending ({names:list}); first boots take longer",
    "RelabelPending.hint": "reboot the instance first, so that it is done once, or leave it out of"
    " the image: create --fix selinux-relabel",
    # identity
    "CloudInitMissing": "cloud-init is not installed: new instances get no host name, keys or"
    " password",
    "CloudInitMissing.hint": "install cloud-init",
    "CloudInitDisabled": "cloud-init is disabled: {names:list}",
    "CloudInitDisabled.hint": "remove what disables it",
    "CloudInitBroken": "cloud-init cannot run; missing: {names:list}",
    "CloudInitBroken.hint": "restore the Python that it was installed with, or reinstall"
    " cloud-init",
    "ModulesMissing": "cloud-init does not run {names:list}",
    "ModulesMissing.hint": "add them to the module lists in /etc/cloud/cloud.cfg",
    "CacheTrusted": "cloud-init takes new instances for this one: {names:list}",
    "CacheTrusted.hint": "set manual_cache_clean to false",
    "OtherDatasource": "cloud-init takes its data from a seed on the disk: {names:list}",
    "OtherDatasource.hint": "remove the directory",
    "DatasourceMissing": "cloud-init's list of data sources lacks this cloud: {names:list}",
    "DatasourceMissing.hint": "add ConfigDrive and TencentCloud to datasource_list",
    "StaticNetwork": "contains this instance's address: {names:list}",
    "StaticNetwork.hint": "use DHCP and remove MAC addresses",
    "NetworkConfigDisabled": "cloud-init is not allowed to configure the network: {names:list}",
    "NetworkConfigDisabled.hint": "remove it, unless DHCP is configured for every interface",
    "readiness.fix-needs-cloud-init": "let cloud-init run (see the check cloud-init) and use launch"
    " --fix {check}, or fix it by hand on each new instance: without cloud-init, the option has no"
    " effect",
    "MachineIdShared": "new instances share {names:list}",
    "MachineIdShared.hint": "renew it at the first boot of new instances: launch --fix machine-id",
    "HostKeysShared": "new instances share {names:list}",
    "HostKeysShared.hint": "let cloud-init replace them (ssh_deletekeys: true), or renew them at"
    " the first boot of new instances: launch --fix host-keys",
    "HostnameKept": "new instances keep this instance's host name or address: {names:list}",
    "HostnameKept.hint": "remove preserve_hostname and the line in /etc/hosts, or set the name at"
    " the first boot of new instances: launch --fix hostname",
    "AgentsRegistered": "registered as this instance: {names:list}",
    "AgentsRegistered.hint": "remove their identity at the first boot of new instances: launch"
    " --fix agents",
    "GrowpartMissing": "growpart is not installed, so the root file system does not grow on a"
    " larger disk",
    "GrowpartMissing.hint": "install cloud-utils-growpart (or cloud-guest-utils)",
    "GrowthDisabled": "the root file system does not grow on a larger disk: {names:list}",
    "GrowthDisabled.hint": "let cloud-init run growpart with mode: auto",
    # secrets
    "ImageHasSecrets": "{image} includes secrets of {instance}: {found:clauses}",
    "ImageHasSecrets.hint": "remove them from {instance} and create a new image, or add"
    " --skip-check secrets if everyone who gets the image may have them",
    "CopyHasSecrets": "{image} includes secrets of {instance}, and so will its copies:"
    " {found:clauses}",
    "ImageSecretsNotChecked": "{image} was not checked for secrets: {reason}",
    "secrets.skip": "or add --skip-check secrets if everyone who gets the image may have them",
    "secrets.source-unknown": "it has no tag that names its source instance",
    "secrets.source-gone": "its source instance {instance} no longer exists",
    "secrets.refused": "{detail}",
    "secrets.windows": "its source instance {instance} runs Windows",
    "SecretsNotChecked": "the guest was not read, so the image may include secrets",
    "SecretsNotChecked.hint": "make sure that everyone who gets the image may read everything in"
    " it",
    "PrivateKeysIncluded": "the image includes private keys: {names:list}",
    "PrivateKeysIncluded.hint": "remove them before you share the image",
    "AuthorizedKeysIncluded": "these keys can log in to every new instance: {names:list}",
    "AuthorizedKeysIncluded.hint": "remove the keys that new instances must not accept",
    "CredentialsIncluded": "the image includes credentials: {names:list}",
    "CredentialsIncluded.hint": "remove them before you share the image",
    "HistoriesIncluded": "the image includes shell histories: {names:list}",
    "HistoriesIncluded.hint": "remove them before you share the image",
    "PasswordsIncluded": "these accounts have the same password on every new instance:"
    " {names:list}",
    "PasswordsIncluded.hint": "lock them (passwd -l), or set passwords at launch",
    # consistency
    "DatabasesRunning": "databases running while the image is created: {names:list}",
    "DatabasesRunning.hint": "use --stop, or make sure that the databases recover from a crash",
    "ClusterMembersRunning": "cluster members running while the image is created: {names:list}",
    "ClusterMembersRunning.hint": "use --stop, or --skip-check cluster-members if a copy is safe",
    # windows
    "SysprepBlocked": "Sysprep would fail or is not supported: {names:list}",
    "SysprepBlocked.hint": "fix this in Windows, or omit --sysprep",
    "SysprepServicesDisabled": "Sysprep needs services that are disabled: {names:list}",
    "SysprepServicesDisabled.hint": "let them start on demand: sc.exe config NAME start= demand",
    "windows.component-servicing": "component servicing",
    "windows.computer-name": "computer name",
    "windows.domain-controller": "domain controller",
    "windows.file-renames": "files to be replaced",
    "windows.no-rearm": "no rearm of the activation is left",
    "windows.program-missing": "its program is missing",
    "windows.service-disabled": "its service is disabled",
    "windows.service-manual": "its service does not start by itself",
    "windows.sysprep-missing": "sysprep.exe is missing",
    "windows.upgraded": "upgraded from an older Windows",
    "windows.windows-update": "Windows Update",
    "WindowsRebootPending": "a reboot is pending: {names:list}",
    "WindowsRebootPending.hint": "restart Windows first; Sysprep fails while a reboot is pending",
    "CloudbaseInitMissing": "cloudbase-init is not installed: new instances get no host name,"
    " password or user data",
    "CloudbaseInitMissing.hint": "install cloudbase-init",
    "CloudbaseInitBroken": "cloudbase-init does not run: {names:list}",
    "CloudbaseInitBroken.hint": "reinstall it, and let its service start automatically",
    "AntivirusBlocks": "known to block cloudbase-init or Sysprep: {names:list}",
    "AntivirusBlocks.hint": "remove it before the image is created, and install it on new"
    " instances",
    # cleared-paths and snapshot-cost
    "NothingClearedOnWindows": "nothing is cleared on Windows",
    "PathsCleared": "the image will not include {paths:list}",
    "cleared-paths.kept": "Tencent Cloud clears these in the image; the instance keeps them",
    "SnapshotsExist": "the snapshots exist already",
    "SnapshotSize": "the image keeps snapshots of up to {gib} GiB",
    "SnapshotCost": "the image keeps snapshots of up to {gib} GiB; up to {charged} GiB are charged",
    "snapshot-cost.free-unknown": "the free quota could not be read",
    "snapshot-cost.free": "{free} GiB of {quota} GiB free of charge are left in {region};"
    " only data in use counts",
    # fstab
    "FstabReady": "/etc/fstab needs no disk missing from new instances",
    "FstabMissing": "there is no /etc/fstab",
    "FstabBlocksBoot": "{count:line|lines} of /etc/fstab would keep new instances from booting",
    "FstabWarnings": "new instances boot; {count:line|lines} of /etc/fstab may need attention",
    "MountsBlockBoot": "{count:mount|mounts} would keep new instances from booting",
    "MountWarnings": "new instances boot; {count:mount|mounts} may need attention",
    "FstabUnreadable": "/etc/fstab could not be read, and data disks are attached: {disks:list}",
    "FstabUnreadableWithoutDataDisks": "/etc/fstab could not be read; no data disk is attached",
    "NoFstabOnWindows": "not applicable: Windows has no /etc/fstab",
    "fstab.let-it-be-fixed": "comment out failing lines while imaging, and restore them"
    " afterwards:",
    "fstab.fix-by-hand": "or fix this in the instance: {places:list} (nofail lets the boot"
    " continue without a disk)",
    "fstab.give-copy": "or check a copy of the file:",
    "fstab.skip": "or skip this check, if you know that /etc/fstab names no data disk:",
    "guest.start-instance": "start the instance, so that it can be read:",
    "guest.install-agent": "install or start the automation agent (TAT) in the instance:",
    "guest.use-ssh": "or read it over SSH:",
    "fstab.line": "line {number}",
    "fstab.file-path": "{path}",
    "fstab.entry": "{where}: {chain:arrows}",
    "fstab.assessment": "{entry}: {why}",
    "fstab.mitigated-assessment": "{entry}: {why}; {mitigation}",
    "fstab.no-entry": "not an entry",
    "fstab.no-source": "names no source",
    "fstab.line-too-long": "invalid: longer than {limit} bytes, where programs stop reading it",
    "fstab.nul-byte": "invalid: has a NUL byte, where programs stop reading it",
    "fstab.too-few-fields": "invalid: has {count:field|fields}; at least 3 are needed",
    "fstab.carriage-return-in-field": "invalid: the carriage return at its end is part of a field",
    "fstab.carriage-return": "ends with a carriage return, which mount -a does not accept",
    "fstab.field-not-a-number": "invalid: field {position} is not a number"
    " (a space within the options?)",
    "fstab.not-linux": "invalid: the fstab of {kernel}, not of Linux",
    "fstab.no-such-device": "no such device exists, but the boot waits for it",
    "fstab.no-such-directory": "no such directory exists",
    "fstab.no-such-file": "no such file exists",
    "fstab.bind-mount": "is a bind mount of a directory on the system disk",
    "fstab.pseudo": "is provided by the kernel and needs no disk",
    "fstab.network": "is a network file system, which every new instance mounts too",
    "fstab.network-waited-for": "is a network file system, which every new instance mounts too;"
    " without _netdev or nofail, the boot can hang if it is unreachable",
    "fstab.layered": "consists of directories on the system disk",
    "fstab.zfs": "is a ZFS pool, and no data disk is attached",
    "fstab.zfs-unknown-disks": "is a ZFS pool whose disks are unknown; it may be on a data disk",
    "fstab.memory": "is in memory and needs no disk",
    "fstab.removable": "is an optical or floppy drive that is not needed at boot",
    "fstab.removable-missing": "is an optical or floppy drive, which new instances lack",
    "fstab.root": "is the root file system that the boot loader chooses",
    "fstab.file": "is a file on the system disk",
    "fstab.not-found": "was not found on any disk",
    "fstab.unresolved": "its disk is unknown, and no data disk is attached",
    "fstab.system-disk": "is on the system disk",
    "fstab.data-disk": "is on a data disk missing from new instances",
    "fstab.partly-on-data-disk": "is partly on a data disk missing from new instances",
    "fstab.included-data-disk": "is on a data disk that the image includes",
    "fstab.ambiguous": "several devices have this name, one of them on a data disk",
    "fstab.unstable-name": "{source} may name another device on a new instance; use its UUID",
    "fstab.unstable-slot": "may name another device on a new instance; use its UUID",
    "fstab.disk-id": "names {disk} by its id, but a new instance's disk has another id",
    "fstab.loop": "is a loop device, which is not set up yet at boot",
    "fstab.loop-on-data-disk": "is a loop device whose file is below {path},"
    " on a data disk missing from new instances",
    "fstab.copy-names-data-disk": "names a data disk",
    "fstab.copy-system-disk": "is assumed to be the system disk",
    "fstab.copy-data-disk": "is assumed to be a data disk because of its name",
    "fstab.copy-unresolved": "may name a data disk; a copy of the file does not show which",
    "fstab.source-on-data-disk": "its source is below {path},"
    " on a data disk missing from new instances",
    "fstab.target-on-data-disk": "its mount point is below {path},"
    " on a data disk missing from new instances",
    "fstab.requires-data-disk": "requires {unit}, which is missing from new instances",
    "fstab.noauto": "noauto keeps it from being mounted at boot",
    "fstab.nofail": "nofail lets the boot continue without it",
    "fstab.automount": "x-systemd.automount mounts it only when its path is used",
    "fstab.automount-unit": "it is mounted only when its path is used",
    "fstab.not-started": "nothing starts it at boot",
    "fstab.not-waited-for": "the boot does not wait for it",
    "fstab.crypttab-key": "the boot asks for a passphrase instead",
    "fstab.crypttab-timeout": "the boot waits 90 s for it, then continues",
}

# --- operations and the journal -------------------------------------------------------------
TEXTS |= {
    "PlainText": "{text}",
    "NoOperations": "no operations",
    "NoOldOperations": "no operations to remove",
    "NothingUnfinished": "no unfinished operations",
    "operation.resume": "→ finish it: {cvmimg} resume {operation}\n"
    "→ or roll it back: {cvmimg} resume {operation} --undo",
    "AmbiguousOperation": "{reference:quoted} matches several operations: {operations:list}",
    "AmbiguousOperation.hint": "use more of the id",
    "StepNotCarriedOut": "step {step:quoted} had no effect after {attempts:attempt|attempts}",
    "StepNotCarriedOut.hint": "try again later",
    "LostAnswerNotResolved": "The response was lost, and the wait timed out before it was clear"
    " whether the request took effect.",
    "OperationNotFound": "operation {operation} is not in the journal",
    "OperationNotFound.hint": "list the operations: {cvmimg} operations list",
    "NoUnfinishedOperation": "there is no unfinished operation {operation}",
    "NoUnfinishedOperation.hint": "list the operations: {cvmimg} operations list",
    "OperationBusy": "another cvmimg process is working on {operation}",
    "OperationBusy.hint": "wait for it to finish, or stop it first",
    "InstanceBusy": "another cvmimg process is working on {instance}",
    "InstanceBusy.hint": "wait for it to finish, then retry",
    "InstanceInUse": "operation {operation} ({kind}) is working on {instance}",
    "InstanceInUse.hint": "wait for it to finish, or stop it first",
    "OperationUnfinished": "operation {operation} ({kind}) on {instance} is unfinished",
    "OperationUnfinished.hint": "finish it: {cvmimg} resume {operation}\n"
    "or roll it back: {cvmimg} resume {operation} --undo",
    "OperationDone": "operation {operation} is done and cannot be repeated",
    "OperationIdInUse": "--operation-id: {operation} names an earlier {kind} operation with another"
    " request",
    "OperationIdInUse.hint": "choose another id, or repeat the same request",
    "ContinuesNamed": "continuing operation {operation}",
    "ContinuesImage": "continuing operation {operation} with image {image}, which an earlier run"
    " requested",
    "ContinuesLaunch": "continuing operation {operation} with {instances:list}, launched by an"
    " earlier run",
    "LaunchNotTagged": "the new instances could not be tagged ({error}). If this machine is lost"
    " now, running the command again launches more of them.",
    "AlreadyDone": "operation {operation} is already done; nothing was repeated",
    "OperationNotClosable": "operation {operation} cannot be closed; unresolved steps:"
    " {steps:list}",
    "OperationKindUnknown": "{operation} is a {kind:quoted} operation, which is unknown to this"
    " version",
    "OperationKindUnknown.hint": "use the newer version of cvmimg that started it",
    "ForgetUnfinished": "{operation} is unfinished: an instance may still need to be restored",
    "ForgetUnfinished.hint": "resume it: {cvmimg} resume {operation}\n"
    "or remove it anyway: {cvmimg} operations forget {operation} --yes",
    "JournalUnusable": "the journal cannot be used: {reason} ({path})",
    "JournalUnusable.hint": "free disk space, fix the permissions, or choose another folder with"
    " CVMIMG_STATE_DIR",
    "JournalFull": "the journal cannot be written: {reason}",
    "JournalFull.hint": "free disk space or fix the permissions in {folder}, then run:"
    " {cvmimg} resume {operation}",
    "JournalNotWritten": "The operation could not be closed in the journal.",
    "JournalDamaged": "{path} is damaged and cannot be read",
    "JournalDamaged.hint": "inspect it; if nothing is left to restore, remove it:"
    " {cvmimg} operations forget {operation}",
    "JournalFileForeign": "{path} is not an operation's journal file",
    "JournalFileForeign.hint": "remove it if you do not need it",
    "JournalTooNew": "{path} was written by a newer version of cvmimg (format {version}; this"
    " version reads {known})",
    "JournalTooNew.hint": "use the newer version",
    "OtherCloud": "{operation} belongs to a different cloud ({cloud}); this is {current}",
    "OtherCloud.hint": "resume it with the same --sandbox or --endpoint that started it",
    "OtherAccount": "{operation} was started by account {account}; these credentials belong to"
    " account {current}",
    "OtherAccount.hint": "use the credentials that started it (profile {profile})",
    "AccountUnknown": "{operation} was started with another key, and it is not known whether these"
    " credentials belong to the same account",
    "AccountUnknown.hint": "use the credentials that started it, or, if you know that they"
    " belong to the same account:\n{command}",
    "RevertFailedAfter": "This was attempted after another failure: {error}",
    "InstancesRestored": "Restored: {instances:list}.",
}

# --- operations of other machines -----------------------------------------------------------
TEXTS |= {
    "operation-tag.host": "on {who} since {since}",
    "operation-tag.run": "on {who} since {since}, {url}",
    "InstanceUsedElsewhere": "operation {operation} is working on {instance} ({place})",
    "InstanceUsedElsewhere.hint": "wait for it to finish; if it is no longer running, restore the"
    " instance:\n{command}",
    "InstanceLeftChanged": "operation {operation} edited /etc/fstab of {instance} and has not"
    " restored it",
    "instance.restore-lost": "if it is no longer running, restore the file:",
    "EarlierRunUnfinished": "an earlier run of operation {operation} has not restored {instance}"
    " ({place})",
    "EarlierRunUnfinished.hint": "wait for it to finish; if it is no longer running, restore the"
    " instance and continue:\n{command}",
    "instance.restore": "wait for it to finish; if it is no longer running, restore the instance:",
    "NotFoundInCloud": "nothing in {region} refers to operation {operation}",
    "NotFoundInCloud.hint": "search the instance that it changed, or all regions:\n"
    "{cvmimg} resume --from-cloud --instance ID\n"
    "{cvmimg} resume --from-cloud --all-regions",
    "NotFoundInAnyRegion": "nothing in any region refers to operation {operation}",
    "NotFoundInAnyRegion.hint": "search the instance that it changed:\n"
    "{cvmimg} resume --from-cloud --instance ID",
    "NothingUnfinishedInCloud": "no unfinished operations in the cloud",
    "TracesNotRead": "{instance} could not be searched for traces of operations: {error}",
    "GuestTracesUnreadable": "the guest returned a malformed list of traces of operations",
    "NoImageRequested": "No image of operation {operation} was found.",
    "RequestNotKnown": "Operation {operation} created image {image}. Its further steps (copies,"
    " sharing, deleting older images) are not known on this machine.",
    "SnapshotSetRemains": "{count:snapshot remains|snapshots remain}: {snapshots:list}. Whether all"
    " were started before the freeze ended is not known.",
    "NotRestoredYet": "{instance} is not restored yet ({changes:list}).",
    "ConfirmTakeOver": "Operation {operation} changed {instance} ({place}). Make sure that it is"
    " no longer running. Restore {instance} now?",
    "ConfirmStart": "It is not known whether {instance} was running before. Start it?",
    "MayBeRunning": "operation {operation} on {instance} may still be running ({place})",
    "MayBeRunning.hint": "if you are sure that it is not:\n{command}",
    "operation-tag.missing": "its tag is missing",
    "InstanceContested": "several operations started on {instance} at the same time",
    "InstanceContested.hint": "try again",
    "OperationTagUnknown": "{instance} has a tag {key} that this version does not understand:"
    " {value}",
    "OperationTagUnknown.hint": "use a newer version of cvmimg, or remove the tag if you know"
    " that nothing is working on the instance",
    "InstanceNotTagged": "{instance} could not be tagged ({error}). If this machine is lost now,"
    " no other machine knows what needs to be restored, and another machine may change the"
    " instance at the same time.",
    "InstanceNotTagged.hint": "allow cvmimg to tag the instance, or omit --require-tag",
}

# --- instances ------------------------------------------------------------------------------
TEXTS |= {
    "AmbiguousInstance": "several instances in {region} are named {name:quoted}: {candidates:list}",
    "AmbiguousInstance.hint": "use the id",
    "InstanceNameNotFound": "no instance in {region} is named {name:quoted}",
    "InstanceNameNotFound.hint": "check the name and --region, or list the instances: {cvmimg}"
    " instances",
    "NoInstances": "no instances",
}

# --- finding images -------------------------------------------------------------------------
TEXTS |= {
    "AmbiguousImage": "several images in {region} are named {name:quoted}: {candidates:list}",
    "AmbiguousImage.hint": "use the id",
    "FamilyEmpty": "family {family:quoted} has no usable image in {region}",
    "FamilyEmpty.hint": "check the family and --region, or list the families: {cvmimg} family list",
    "ImageNameNotFound": "no image in {region} is named {name:quoted}",
    "ImageNameNotFound.hint": "check the name and --region, or list the images: {cvmimg} list",
}

# --- share ----------------------------------------------------------------------------------
TEXTS |= {
    "SharedWithOwner": "--with: {account} is the account that owns the image",
    "SharedWithOwner.hint": "use other accounts",
    "TooManyAccounts": "{image} would be shared with {count:account|accounts}; the limit is {most}",
    "TooManyAccounts.hint": "stop sharing {image} with accounts that no longer need it",
}

# --- copy -----------------------------------------------------------------------------------
TEXTS |= {
    "KeyWithoutEncrypt": "--kms-key: requires --encrypt",
    "KeyWithoutEncrypt.hint": "add --encrypt",
    "ImageNotCopied": "{image} is a public image; only custom and shared images can be copied",
    "ImageNotCopied.hint": "launch instances from it directly: it exists in every region",
    "NotCopied": "nothing was copied: {reasons:clauses}",
    "NotCopied.hint": "fix this, or omit these regions",
    "InRegion": "{region}: {reason}",
    "copy.region-unknown": "this region does not exist or is not available",
    "copy.encrypted-elsewhere": "an image can be encrypted only within its own region ({region})",
    "copy.shared-elsewhere": "a shared image can be copied only within its own region ({region});"
    " copy it there first, then copy the copy",
    "copy.same-region": "the image is already there; within a region only an encrypted copy is"
    " possible (--encrypt)",
    "copy.finance-region": "images cannot be copied into or out of finance regions",
    "copy.name-taken": "{image} already has the name {name:quoted} (choose another --name)",
    "copy.quota-full": "{used} of {allowed} custom images used",
    "copy.refused": "{reason} ({code})",
    "PublishedWithoutWait": "{option}: cannot be used with --no-wait",
    "PublishedWithoutWait.hint": "omit one of them; the image must be ready first",
    "CopyIdMissing": "the response to SyncImages lacks the id of the copy of {image}",
    "CopyFailed": "copy {image} ended as {state}",
    "CopiesStarted": "Copies already started: {copies:list}.",
    "CopiesFinishLater": "The copies get the image's tags, family and description when they are"
    " ready and you run: {command}",
    "SeveralFailed": "{count} of {total} failed: {reasons:clauses}",
    "FailedFor": "{subject}: {error}",
}

# --- create, launch, snapshot, delete, update -----------------------------------------------
TEXTS |= {
    "price.each": "{amount} {currency}/{per} for each instance",
    "price.total": "{amount} {currency}/{per} in total",
    "price.bandwidth": "bandwidth {amount} {currency}/{per}",
    "price.known": "price: {price}",
    "price.none": "price: the API returned none",
    "price.unknown": "price: not available ({error})",
    "ImageInProgress": "image {image} is not ready yet ({state})",
    "ImageInProgress.hint": "wait for it: {cvmimg} wait {image}",
    "ImageUnusable": "image {image} cannot be used ({state})",
    "ImageUnusable.hint": "choose another image",
    "CountOutOfRange": "--count: {count} is not between 1 and {most}",
    "MinCountOutOfRange": "--min-count: {min_count} is not between 1 and --count ({count})",
    "ZoneMissing": "--zone: the zone of the new instances is not known",
    "ZoneMissing.hint": "add --zone (such as ap-guangzhou-6), or --like ins-… to copy an instance",
    "SubnetMissing": "--subnet: no subnet of {vpc} in {zone} is known",
    "SubnetMissing.hint": "add --subnet, with a subnet of this VPC and zone",
    "AnyZone": "the zone",
    "VpcMissing": "--vpc: the VPC of {subnet} is not known",
    "VpcMissing.hint": "add --vpc",
    "UserDataTooLong": "--user-data: the file is larger than 16 KB",
    "UserDataTooLong.hint": "make it smaller, or have it download the rest",
    "SpotPriceWithoutSpot": "--spot-price: cannot be used with --charge-type {charge_type}",
    "SpotPriceWithoutSpot.hint": "use --charge-type SPOTPAID, or remove --spot-price",
    "SpotPriceMissing": "--spot-price: SPOTPAID instances need a maximum price",
    "SpotPriceMissing.hint": "add --spot-price, such as --spot-price 0.25",
    "DataSnapshotNotFound": "--data-snapshot: snapshot {snapshot} does not exist",
    "DataSnapshotNotFound.hint": "check the id and --region",
    "DataDiskTooSmall": "--data-snapshot: {gib} GiB is smaller than {snapshot} ({needed} GiB)",
    "DataDiskTooSmall.hint": "choose at least {needed} GiB",
    "SystemDiskTooSmall": "--system-disk: {gib} GiB is smaller than image {image} ({needed} GiB)",
    "SystemDiskTooSmall.hint": "choose at least {needed} GiB",
    "TypeNotOffered": "--type: {type} is not offered in {zone}",
    "TypeNotOffered.hint": "choose another type or zone",
    "TypeSoldOut": "--type: {type} is sold out in {zone}",
    "TypeSoldOut.hint": "choose another type or zone, or try again later",
    "TypeNotSupported": "--type: image {image} does not support {type}",
    "TypeNotSupported.hint": "choose another type (the architecture must match), or another image",
    "NamePlaceholder": "--name: {name:quoted} holds an unknown placeholder; known are {known:list}",
    "SameNameTwice": "--name: two images would be named {name:quoted}",
    "SameNameTwice.hint": "add a placeholder, such as {{instance_name}} or {{instance_id}}",
    "NoInstanceSelected": "no instance in {region} has {tags:list}",
    "NoInstanceSelected.hint": "check --select and --region",
    "QuotaForAll": "{region} has room for {free:image|images} (limit {allowed}), but {count} are"
    " needed",
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
    "TagsNotVisible": "the tags of {image} are not listed yet and cannot be added again: {error}",
    "TagsStillLate": "{image} is tagged, but its tags are not listed yet",
    "TagsMayBeForbidden": "If the policy only forbids tags, add --no-tags.",
    "TryForceStop": "its operating system may ignore a graceful shutdown: add --force-stop",
    "ConfirmReplace": "Permanently delete image {image} ({name}) to make room?",
    "NothingToReplace": "--replace-oldest: no unused image in {region} matches {pattern:quoted}",
    "NothingToReplace.hint": "use another pattern, such as 'web-*' or family:web, or delete an"
    " image yourself",
    "InstancesFailed": "{count} of {total:instance|instances} failed: {reasons:list}",
    "InstancesFailed.hint": "{running:instance|instances} running; launch the missing ones again",
    "InstanceFailed": "{instance} is {state} ({reason})",
    "RemovedAfterLaunch": "it is no longer listed: the service removes instances that failed to"
    " launch",
    "InstancesContinue": "{count:instance|instances} still starting: {instances:list}.",
    "InstancesRemain": "{count:instance|instances} launched and left running: {instances:list}.",
    "LaunchUnknown": "Whether instances were launched is unknown (candidates: {candidates:list}).",
    "FreezeNotHeld": "the file systems of {instance} did not stay frozen until all snapshots were"
    " started",
    "FreezeNotHeld.hint": "retry, or snapshot fewer disks at once",
    "MayBeFrozen": "File systems of {instance} may be frozen; they thaw automatically after two"
    " minutes.",
    "SnapshotsContinue": "{count:snapshot|snapshots} still being created: {snapshots:list}.",
    "NothingDeleted": "nothing was deleted: {reasons:clauses}",
    "NothingToDelete": "nothing to delete",
    "TargetsNotFound": "{missing:clauses}; nothing was deleted",
    "TargetsNotFound.hint": "check the ids and --region, or add --ignore-missing",
    "TargetsIgnored": "not found, so there is nothing to delete: {references:list}",
    "NoImageMatches": "no custom image in {region} matches {pattern:quoted}",
    "NoSnapshot": "snapshot {snapshot} does not exist in {region}",
    "delete.foreign": "{image} ({name}) is not a custom image of this account ({type})",
    "delete.in-progress": "{image} ({name}) is {state}",
    "delete.in-use": "{image} ({name}) is used by {users}",
    "delete.shared": "{image} ({name}) is shared with {accounts:list}",
    "delete.use-unknown": "could not determine whether {image} ({name}) is in use"
    " ({reasons:clauses})",
    "delete.snapshot-in-use": "{snapshot} is used by {images:list}",
    "delete.snapshot-locked": "{snapshot} is locked; unlock it in the console first",
    "delete.snapshot-busy": "{snapshot} is {state}",
    "delete.freed": "up to {gib} GiB are no longer charged",
    "delete.would-free": "up to {gib} GiB would no longer be charged",
    "delete.ways": "{ways:clauses}",
    "delete.wait": "wait until the image is ready",
    "delete.unshare": "to stop sharing it first, add --unshare",
    "delete.force": "to delete it anyway, add --force",
    "AlreadyDeleted": "Already deleted: {images:list}.",
    "SnapshotsLeft": "{count:snapshot of deleted images may be left|snapshots of deleted images may"
    " be left}: {snapshots:list}; delete with: {command}",
    "AlreadyChanged": "Already changed in {image}: {changes:list}.",
    "NameForSeveral": "--name: {count} images cannot get the same name",
    "NameForSeveral.hint": "rename one image at a time",
    "TagMissing": "--untag: {image} has no tag {keys:list}",
    "TagMissing.hint": "list its tags: {cvmimg} show {image}",
    "NothingToUpdate": "nothing to update",
    "NothingToUpdate.hint": "add --name, --description, --family, --tag or another option",
    "TagAddedAndRemoved": "--untag: {key} is also given with --tag",
    "DescriptionTooLong": "--description: {length} characters; the limit is {longest}",
    "DescriptionTooLong.hint": "shorten it",
    "NotYourImage": "{image} is not a custom image of this account ({type})",
    "NotYourImage.hint": "copy or launch it instead",
}

# --- prune ----------------------------------------------------------------------------------
TEXTS |= {
    "prune.confirm-delete": "Permanently delete {deleted:item|items}?",
    "prune.confirm-deprecate": "Deprecate {deprecated:image|images}?",
    "prune.confirm-both": "Permanently delete {deleted:item|items} and deprecate"
    " {deprecated:image|images}?",
    "prune.to-delete": "{count:item|items} to delete (up to {gib} GiB)",
    "prune.to-deprecate": "{count:image|images} to deprecate",
    "prune.planned": "{parts:list}; nothing was changed\n→ {command}",
    "prune.deleted": "{count:item|items} deleted (up to {gib} GiB are no longer charged)",
    "prune.deprecated": "{count:image|images} deprecated",
    "prune.nothing": "nothing to delete or deprecate",
    "prune.done": "{parts:list}",
    "prune.empty": "no image matches",
    "RetentionMissing": "--keep: either --keep or --older-than is required",
    "RetentionMissing.hint": "for example, --keep 4 keeps the 4 newest images of each family",
    "PlanChanged": "{ids:list} changed since the plan was shown; nothing was changed",
    "PlanChanged.hint": "run the command again to see the new plan",
    "NotPruned": "{ids:list} changed since the plan was made, so they were kept",
    "WillPrune": "when the new image is ready, these will be deleted (up to {gib} GiB):"
    " {images:list}",
    "ConfirmPrune": "Permanently delete {count:this image|these # images} once the new image is"
    " ready?",
    "ReplacedNotDeleted": "the image is ready, but older ones were not deleted: {error}",
    "ImageNameMissing": "--name: the image needs a name",
    "TextTooLong": "{option}: {length} characters are more than the limit of {most}",
    "TextTooLong.hint": "shorten it",
    "TimeoutTooShort": "--timeout: must be more than 0 s",
    "TimeoutTooShort.hint": "use a duration such as 2h",
    "TagKeyReserved": "--tag: {key} is reserved for cvmimg",
    "TagKeyReserved.hint": "choose another key",
    "SourceTwice": "--instance: cannot be used with --snapshot",
    "SourceMissing": "--instance: an instance (or --snapshot) is required to create the image from",
    "IdInvalid": "{option}: {value:quoted} is not an id ({pattern})",
    "StopWithOnline": "{option}: cannot be used with --online",
    "SnapshotsWithoutInstance": "--snapshot: an image from snapshots has no instance to stop, fix"
    " or generalize",
    "SnapshotsWithDataDisks": "--snapshot: cannot be used with --data-disk or --with-data-disks",
    "SnapshotsWithDataDisks.hint": "add the data disks' snapshots as more --snapshot options",
    "AllAndSomeDataDisks": "--with-data-disks: cannot be used with --data-disk",
    "FixWithoutRestart": "--fix-fstab and --fix: cannot be used with --no-restart; the guest is"
    " restored while the instance runs",
    "SnapshotsNotMade": "no snapshot was created: {problems:clauses}",
    "SnapshotsNotMade.hint": "choose other disks with --data-disk, or fix what is reported",
    "DiskWithoutSnapshots": "{disk} cannot be snapshotted (type {type})",
    "EncryptedDiskWithoutSnapshots": "{disk} is encrypted, so its snapshot could not start a disk"
    " elsewhere",
    "GuestNotSeen": "--freeze: {instance} could not be inspected: {reason}",
    "GuestNotSeen.hint": "omit --freeze, or start the automation agent",
    "NotADataDisk": "--data-disk: {disks:list} is not a data disk of {instance}",
    "DataDisksAre": "its data disks: {disks:list}",
    "NoDataDisk": "{instance} has no data disk",
    "NoDataDisk.hint": "the system disk is part of the image; there is nothing else to snapshot",
    "KeepWithoutWait": "--keep: cannot be used with --no-wait; images are deleted when the new"
    " one is ready",
    "KeepWithoutPromotion": "--keep cannot be used with --no-promote",
    "KeepWithoutPromotion.hint": "promote the image, then run: {cvmimg} prune",
    "KeepWithoutGroup": "--keep: requires --family, or an image of an instance without --no-tags",
    "SomeNotPruned": "{failed} of {count:item|items} could not be pruned.",
    "group.family": "family {name}",
    "group.name": "{name:quoted}",
    "group.tag": "the images tagged {name}",
    "group.source": "the images of {name}",
    "group.disk": "the snapshots of {name}",
    "KeptNotReady": "its state is {state}",
    "KeptPinned": "it has the tag {tag}",
    "KeptServing": "the newest usable image of family {family}",
    "KeptInUse": "used by {users}",
    "KeptShared": "shared with {accounts:list}",
    "KeptUseUnknown": "could not determine whether it is used ({reasons:clauses})",
    "UseNotRead": "{users} could not be listed: {error}",
    "KeptAgeUnknown": "its age is unknown",
    "KeptTooYoung": "less than a day old",
    "KeptNewest": "{count:the newest|one of the newest #} of {group}",
    "KeptNoGroup": "it has no family; select it by --name or --tag",
    "KeptNotOlder": "{age:age} old, not older than {wanted:age}",
    "KeptInGrace": "deprecated; it can be deleted in {left:age}",
    "KeptNotOwn": "not created by cvmimg",
    "KeptLocked": "it is locked",
    "KeptInOperation": "it belongs to the unfinished operation {operation}",
    "NotAmongNewest": "{count:not the newest|not one of the newest #} of {group}",
    "OlderThanWanted": "{age:age} old",
    "Unused": "not in use",
    "Orphan": "no image uses it",
    "GraceBegins": "will be deleted after {grace:age}",
    "GraceOver": "deprecated for more than {grace:age}",
}

# --- families -------------------------------------------------------------------------------
TEXTS |= {
    "family.none": "no families",
    "FamilyNotFound": "family {family} has no image in {region}",
    "FamilyNotFound.hint": "list the families: {cvmimg} family list",
    "family.confirm-promote": "Serve {image} ({name}) from family {family}?",
    "family.confirm-rollback": "Revoke {image} ({name})?",
    "family.unchanged": "{image} already serves family {family}",
    "family.serves-nothing": "family {family} serves no image",
    "FamilyMissing": "--family: {image} has no family",
    "FamilyMissing.hint": "add --family with the family that is to serve it",
    "FamilyServesNothing": "family {family} has no usable image in {region}",
    "FamilyServesNothing.hint": "list the families: {cvmimg} family list",
    "FamilyServesOther": "family {family} still serves {image}; the change may take a moment",
    "FamilyUsers": "these use family {family} and launch from {image} from now on: {users:list}",
    "FamilyImageUsers": "these still launch from {image}, which is revoked: {users:list}",
    "FamilyUseUnknown": "could not determine which launch templates and configurations use family"
    " {family}: {error}",
    "NothingToRollBackTo": "family {family} has no usable image other than {image}",
    "NothingToRollBackTo.hint": "promote an older image, which deprecates this one: {cvmimg}"
    " family promote IMAGE\n"
    "or add --force to revoke it even though the family then serves nothing",
    "ReasonLength": "--reason: must be 1 to {longest} characters long",
    "SharedImageUnchangeable": "{images:list} cannot be changed while shared with other accounts",
    "SharedImageUnchangeable.hint": "stop sharing it first: {cvmimg} unshare {image} --all",
    "ImageRevoked": "{image} was revoked: {reason}",
    "ImageRevoked.hint": "use another image\n"
    "or launch this one anyway: add --force\n"
    "or allow it again by removing its tag: {cvmimg} update {image} --untag cvmimg-revoked",
    "NoPromoteWithoutFamily": "--no-promote: requires --family, without --no-tags; a tag records"
    " the family until the image is promoted",
}

# --- lineage --------------------------------------------------------------------------------
TEXTS |= {
    "lineage.nothing-affected": "nothing was created or launched from {image}",
}

# --- output files and CI ----------------------------------------------------------------------
TEXTS |= {
    "value.output-file": "{value:quoted} does not end in one of {suffixes:list}",
    "value.output-folder": "{value:quoted} is a folder, or its folder does not exist",
    "value.output-manifest": "{value:quoted} exists and is not a Packer manifest",
    "OutputFileNotWritten": "{path} was not written: {reason}",
    "summary.done": "{command}: done",
    "summary.failed": "{command}: failed",
    "summary.checks": "{count:check|checks}",
    "summary.cost": "Cost: {cost}",
    "summary.time": "Time: {seconds:duration}",
    "summary.operation": "Operation: {operations:list}",
}

# --- verify ---------------------------------------------------------------------------------
TEXTS |= {
    "stage.probe": "launching a probe instance from {subject}",
    "stage.boot-probe": "waiting for {subject} to boot",
    "stage.probes": "probing {subject}",
    "stage.terminate-probe": "terminating {subject}",
    "stage.verified": "tagging {subject} as verified",
    "agent.subject.one": "the automation agent of {id}",
    "boot.subject.one": "the boot of {id}",
    "ProbePlanned": "probe instance: {type} in {zone}, without a public address; the cloud"
    " terminates it no later than {ends}",
    "ProbeReplaced": "{type} is currently not available in {zone}; launching a probe instance of"
    " type {other}",
    "ProbeRunning": "the instance is running",
    "ProbeAgentOnline": "the automation agent is online",
    "ProbeBooted": "systemd has started all units",
    "ProbeNoSystemd": "booted; this system has no systemd",
    "ProbeSystemd": "systemd is in state {state}; failed units: {units:list}",
    "ProbeUnitsFailed": "failed units: {units:list}",
    "ProbeUnitsFailedBefore": "failed units, as on {source}: {units:list}",
    "ProbeNotRunning": "not running after {seconds:duration}",
    "ProbeAgentOffline": "the automation agent is still offline after {seconds:duration}: the"
    " system has probably not booted",
    "ProbeBootUnfinished": "systemd is still starting services after {seconds:duration}",
    "ProbeError": "{error}",
    "ProbeSkipped": "skipped on request",
    "ProbeNotReached": "not reached: the instance did not boot",
    "ProbeNotOnWindows": "not supported on Windows",
    "ProbeCloudInitDone": "finished without errors",
    "ProbeCloudInitErrors": "cloud-init reports errors; see /var/log/cloud-init.log",
    "ProbeCloudInitDisabled": "cloud-init is disabled",
    "ProbeCloudInitMissing": "cloud-init is not installed",
    "ProbeCloudInitUnfinished": "cloud-init did not finish",
    "ProbeMounted": "everything in /etc/fstab is mounted",
    "ProbeNotMounted": "not mounted: {mounts:list}",
    "ProbeNotMountedNofail": "not mounted, which nofail permits: {mounts:list}",
    "ProbeSourceUnknown": "the source instance ({source}) could not be read",
    "ProbeIdentityOwn": "machine id, SSH host keys and host name differ from {source}",
    "ProbeIdentityShared": "the same as on {source}: {shared:list}",
    "ProbeCommandSucceeded": "the command succeeded",
    "ProbeCommandFailed": "the command ended with exit status {status}",
    "ProbeHttpAnswered": "port {port} returns {status} for {path}",
    "ProbeHttpFailed": "port {port} returns {status} for {path}",
    "ProbeHttpSilent": "nothing responds on port {port} ({path})",
    "ProbeHttpNoClient": "port {port} could not be tested: the image has neither curl nor wget",
    "ProbeIdMissing": "the response to RunInstances lacks the id of the probe instance of {image}",
    "ProbeTypeRefused": "no probe instance of {type} can be launched in {zone}: {error}",
    "ProbeTypeRefused.hint": "choose another type (--type), or try again later",
    "NoProbeType": "no instance type that {image} supports is offered in {zone}",
    "NoProbeType.hint": "choose one with --type, or an instance to copy with --like",
    "VerifyFailed": "{image} failed verification: {probes:clauses}",
    "VerifyReasons": "likely reasons, from the checks of the source instance now:\n{reasons:lines}",
    "VerifyKeep": "to keep the probe instance for inspection, add --keep-on-failure",
    "ProbeKept": "probe instance {instance} is still running and charged; the cloud terminates it"
    " at the time given above",
    "ProbeMayRun": "A probe instance of {image} may still be running.",
    "NotTaggedVerified": "{image} passed, but was not tagged: {error}",
    "VerifyWithoutWait": "--verify: cannot be used with --no-wait",
    "VerifyWithoutWait.hint": "omit one of them; the image must be ready first",
    "FailedImageKept": "{image} is kept and does not serve its family; delete it with: {command}",
    "FailedImageDeleted": "{image} was deleted.",
    "created.verified": "yes",
    "created.not-verified": "failed",
    "verify.passed": "{image} boots: ready {seconds:duration} after the launch was requested",
    "verify.passed-unknown": "{image} passed",
    "value.http": "{value:quoted} is not a port and path, such as 80/ or 8080/health",
    "BootTimeoutInvalid": "--timeout: must be more than 0 s",
    "BootTimeoutInvalid.hint": "use a duration such as 15m",
    "RunTooLong": "--run: the command is longer than {most} bytes",
    "RunTooLong.hint": "put it into a script in the image, and run that",
    "HttpInvalid": "--http: {value:quoted} is not a port and path",
    "HttpInvalid.hint": "write it like 80/ or 8080/health",
}
