"""The checks of Windows, from the answer of its script to the results."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from cvmimg.checks.facts import CheckRequest, Facts
from cvmimg.checks.gather import gather_guest
from cvmimg.checks.registry import CHECKS, WINDOWS, by_group, run_checks
from cvmimg.checks.result import CheckResult
from cvmimg.checks.windows import SERVICES
from cvmimg.cloud.models import Instance
from cvmimg.guest.errors import GuestUnreachable, Reason
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.read import GuestUnreadable, read_windows
from cvmimg.guest.script import WINDOWS_SCRIPT, Script, ScriptOutput, load
from cvmimg.guest.ssh import SshAccess, SshTarget
from cvmimg.message import Message
from tests.support.lab import Lab

INSTANCE = Instance(
    {
        "InstanceId": "ins-win00001",
        "InstanceState": "RUNNING",
        "OsName": "Windows Server 2022 DataCenter 64bit CN",
        "SystemDisk": {"DiskId": "disk-system01", "DiskType": "CLOUD_SSD", "DiskSize": 50},
    }
)
SOUND = {
    ("registry-value", "GeneralizationState"): "7",
    ("registry-value", "CleanupState"): "2",
    ("registry-value", "ActiveComputerName"): "WIN-5E7C1B",
    ("registry-value", "ComputerName"): "WIN-5E7C1B",
    ("registry-value", "PendingFileRenameOperations"): "0",
    ("registry-key", "Upgrade"): "False",
    ("registry-key", "RebootPending"): "False",
    ("registry-key", "RebootRequired"): "False",
    ("service", "sppsvc"): "2",
    ("service", "CryptSvc"): "2",
    ("service", "TrustedInstaller"): "3",
    ("service", "MSDTC"): "2",
    ("service", "AppXSvc"): "3",
    ("service", "cloudbase-init"): "2",
    ("program", "sysprep.exe"): "True",
    ("program", "cloudbase-init"): "True",
    ("system-value", "RearmCount"): "1001",
    ("system-value", "DomainRole"): "2",
}
"""What the script prints in a Windows Server 2022 as Tencent Cloud offers it."""
IDS = [check.id for check in CHECKS if check.group == WINDOWS]
Observed = Mapping[tuple[str, str], "str | None"]


class PowerShell:
    """An agent that answers as the script in a Windows system would."""

    def __init__(self, observed: Observed, *, output: bytes = b"") -> None:
        triples = "system:kernel\0\0Windows\0" + "".join(
            f"observed:{kind}\0{subject}\0{value}\0"
            for (kind, subject), value in observed.items()
            if value is not None
        )
        word = base64.b64encode(f"{triples}end\0\0\0".encode())
        self.output = output or b"\r\ncvmimg-begin\r\nbase64:%s\r\ncvmimg-end\r\n\r\n" % word

    def run(self, script: Script, parameters: Mapping[str, str], **_: Any) -> ScriptOutput:
        assert script.checked(parameters) == {"services": ",".join(SERVICES)}
        return ScriptOutput(0, self.output)


def checked(changes: Observed, *, sysprep: bool = False) -> dict[str, CheckResult]:
    """The results for a sound system with these changes; None is what it does not have."""
    guest = read_windows(PowerShell({**SOUND, **changes}), SERVICES)
    request = CheckRequest(instance_id="ins-win00001", name="x", sysprep=sysprep)
    facts = Facts(request, "ap-guangzhou", instance=INSTANCE, quota=10, guest=guest)
    return {result.id: result for result in run_checks(facts) if result.id in IDS}


def reported(results: Mapping[str, CheckResult]) -> dict[str, tuple[Any, ...]]:
    """Status, code and names of the checks that did not simply pass."""
    return {
        id: (result.status.value, result.code, *map(list, result.params.values()))
        for id, result in results.items()
        if result.code != "NothingFound"
    }


def test_a_sound_system_passes() -> None:
    results = checked({}, sysprep=True)
    assert list(results) == IDS
    assert reported(results) == {}


SYSPREP, REBOOT = "sysprep-state", "windows-reboot"
CASES: list[tuple[Observed, str, str, str, list[str | Message]]] = [
    ({("registry-value", "GeneralizationState"): "3"}, SYSPREP, "fail", "SysprepBlocked",
     ["GeneralizationState 3"]),
    ({("registry-value", "CleanupState"): "7"}, SYSPREP, "fail", "SysprepBlocked",
     ["CleanupState 7"]),
    ({("program", "sysprep.exe"): "False"}, SYSPREP, "fail", "SysprepBlocked",
     [Message("windows.sysprep-missing")]),
    ({("registry-key", "Upgrade"): "True"}, SYSPREP, "fail", "SysprepBlocked",
     [Message("windows.upgraded")]),
    ({("system-value", "RearmCount"): "0"}, SYSPREP, "fail", "SysprepBlocked",
     [Message("windows.no-rearm")]),
    ({("system-value", "DomainRole"): "5"}, SYSPREP, "fail", "SysprepBlocked",
     [Message("windows.domain-controller")]),
    ({("service", "MSDTC"): "4", ("service", "sppsvc"): "4"}, SYSPREP, "fail",
     "SysprepServicesDisabled", ["MSDTC", "sppsvc"]),
    ({("registry-key", "RebootPending"): "True"}, REBOOT, "fail", "WindowsRebootPending",
     [Message("windows.component-servicing")]),
    ({("registry-key", "RebootRequired"): "True"}, REBOOT, "fail", "WindowsRebootPending",
     [Message("windows.windows-update")]),
    ({("registry-value", "PendingFileRenameOperations"): "6"}, REBOOT, "fail",
     "WindowsRebootPending", [Message("windows.file-renames")]),
    ({("registry-value", "ComputerName"): "WEB-1"}, REBOOT, "fail", "WindowsRebootPending",
     [Message("windows.computer-name")]),
    ({("program", "cloudbase-init"): "False"}, "cloudbase-init", "warn", "CloudbaseInitBroken",
     [Message("windows.program-missing")]),
    ({("service", "cloudbase-init"): "4"}, "cloudbase-init", "warn", "CloudbaseInitBroken",
     [Message("windows.service-disabled")]),
    ({("service", "cloudbase-init"): "3"}, "cloudbase-init", "warn", "CloudbaseInitBroken",
     [Message("windows.service-manual")]),
    ({("service", "HipsDaemon"): "2", ("service", "avp"): "3"}, "antivirus", "warn",
     "AntivirusBlocks", ["Huorong", "Kaspersky"]),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "check", "status", "code", "names"), CASES)
def test_what_is_wrong_is_named_and_nothing_else_is(
    changes: Observed, check: str, status: str, code: str, names: list[str | Message]
) -> None:
    results = checked(changes, sysprep=True)
    assert reported(results) == {check: (status, code, names)}
    assert results[check].remedies == (Message(f"{code}.hint"),)
    lenient = {SYSPREP: "pass", REBOOT: "warn"}.get(check, status)
    assert reported(checked(changes)) == {check: (lenient, code, names)}


def test_cloudbase_init_that_is_missing_is_a_warning() -> None:
    absent = {("service", "cloudbase-init"): None, ("program", "cloudbase-init"): None}
    results = checked(absent)
    assert reported(results) == {"cloudbase-init": ("warn", "CloudbaseInitMissing")}


def test_every_check_and_every_code_has_a_system_that_fails() -> None:
    codes = {code for _, _, _, code, _ in CASES} | {"CloudbaseInitMissing"}
    assert {check for _, check, *_ in CASES} == set(IDS)
    assert codes == {code for check in CHECKS if check.id in IDS for code in check.codes}


@pytest.mark.parametrize(
    "changes",
    [
        {("service", "MSDTC"): None, ("service", "AppXSvc"): None},
        {("registry-value", name): None for name in ("GeneralizationState", "CleanupState")},
        {("service", "avp"): "4"},
        {("system-value", "RearmCount"): None, ("system-value", "DomainRole"): None},
        {("system-value", "RearmCount"): "-1\x1b[2J", ("system-value", "DomainRole"): "\u0665"},
        {("registry-value", "PendingFileRenameOperations"): "many"},
    ],
    ids=["no services", "no state", "disabled antivirus", "no WMI", "no numbers", "no number"],
)
def test_what_a_system_does_not_have_or_report_is_nothing_wrong(changes: Observed) -> None:
    assert reported(checked(changes, sysprep=True)) == {}


def test_a_registry_that_cannot_be_read_is_a_guest_that_cannot_be_read() -> None:
    guest = read_windows(PowerShell({}), SERVICES)
    assert isinstance(guest, GuestUnreadable)
    assert guest.reason is Reason.GARBLED


def test_the_checks_of_linux_do_not_apply_and_are_not_shown() -> None:
    guest = read_windows(PowerShell(SOUND), SERVICES)
    facts = Facts(CheckRequest(instance_id="i"), "r", instance=INSTANCE, quota=10, guest=guest)
    shown = [result.id for result in by_group(run_checks(facts))]
    assert "windows" in shown
    assert not {"boot", "identity", "secrets", "consistency"} & set(shown)


@pytest.mark.parametrize(
    "output",
    [
        b"'powershell' is not recognized\r\n",
        b"\r\ncvmimg-begin\r\nbase64:!!\r\ncvmimg-end\r\n",
        b"\r\ncvmimg-begin\r\nbase64:AAAA\r\ncvmimg-end\r\n",
        b"\r\ncvmimg-begin\r\nbase64:AAAA",
    ],
)
def test_another_answer_is_a_guest_that_cannot_be_read(output: bytes) -> None:
    guest = read_windows(PowerShell({}, output=output), SERVICES)
    assert isinstance(guest, GuestUnreadable)
    assert guest.reason is Reason.GARBLED


def test_the_script_is_sent_as_powershell_and_over_ssh_not_at_all() -> None:
    assert load(WINDOWS_SCRIPT).language == "POWERSHELL"
    assert load("inspect").language == "SHELL"
    with pytest.raises(GuestUnreachable):
        SshAccess(SshTarget("host")).run(load(WINDOWS_SCRIPT), {"services": "avp"})


def test_the_script_is_valid_powershell() -> None:
    import tree_sitter
    import tree_sitter_powershell as powershell

    parser = tree_sitter.Parser(tree_sitter.Language(powershell.language()))
    tree = parser.parse(load(WINDOWS_SCRIPT).text.encode())
    assert not tree.root_node.has_error
    assert tree.root_node.child_count


def test_the_script_writes_nothing() -> None:
    """It has none of the verbs with which PowerShell changes a system."""
    verbs = re.findall(r"\b([A-Z][a-z]+)-[A-Z]\w+", load(WINDOWS_SCRIPT).text)
    assert set(verbs) == {"New", "Add", "Get", "Test", "Read", "Split", "Write"}
    words = set(re.findall(r"\b(?:New|Add|Write)-\w+", load(WINDOWS_SCRIPT).text))
    assert words == {"New-Object", "Add-Record", "Add-Fact", "Write-Output"}


def test_the_script_judges_nothing() -> None:
    """It compares only with $null, for what a system does not have."""
    operators = re.findall(r"(\S+) -(?:eq|ne|lt|le|gt|ge|like|notlike|in|contains|and|or|not)\b",
                           load(WINDOWS_SCRIPT).text)  # fmt: skip
    assert set(operators) == {"($null"}


def test_the_script_prints_what_the_checks_read() -> None:
    code = load(WINDOWS_SCRIPT).text
    printed = set(re.findall(r"Add-Fact '([a-z-]+)'", code))
    assert printed == {kind for kind, _ in SOUND}
    for kind, name in SOUND:
        assert kind == "service" or name in code


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def test_windows_in_the_sandbox_is_read_through_the_agent(lab: Lab) -> None:
    request = CheckRequest(instance_id="ins-win00001")
    facts = gather_guest(lab.session().cloud, request)
    assert isinstance(facts.guest, GuestFacts)
    assert facts.guest.was_read
    assert "cloudbase-init" in facts.guest.observed["service"]
    results = run_checks(replace(facts, quota=10))
    assert reported({result.id: result for result in results if result.id in IDS}) == {}
