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

# --- notices --------------------------------------------------------------------------------
TEXTS |= {
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
    "ProtocolInvalid": "TENCENTCLOUD_PROTOCOL: {protocol:quoted} is neither HTTPS nor HTTP",
}

# --- guest ----------------------------------------------------------------------------------
TEXTS |= {}

# --- checks ---------------------------------------------------------------------------------
TEXTS |= {}

# --- operations and the journal -------------------------------------------------------------
TEXTS |= {}

# --- create, launch, snapshot, delete, update -----------------------------------------------
TEXTS |= {}
