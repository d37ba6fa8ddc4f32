"""The checks of Windows, from the answer of its script to the results."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from cvmimg.checks.facts import CheckRequest, Facts
from cvmimg.checks.gather import gather_guest
from cvmimg.checks.registry import CHECKS, WINDOWS, by_group, run_checks
from cvmimg.checks.result import CheckResult, Status
from cvmimg.cloud.models import Instance
from cvmimg.guest.errors import GuestUnreachable, Reason
from cvmimg.guest.facts import GuestFacts
from cvmimg.guest.read import GuestUnreadable, read_windows
from cvmimg.guest.script import WINDOWS_SCRIPT, Script, ScriptOutput, load
from cvmimg.guest.ssh import SshAccess, SshTarget
from tests.support.lab import Lab

INSTANCE = Instance(
    {
        "InstanceId": "ins-win00001",
        "InstanceState": "RUNNING",
        "OsName": "Windows Server 2022 DataCenter 64bit CN",
        "SystemDisk": {"DiskId": "disk-system01", "DiskType": "CLOUD_SSD", "DiskSize": 50},
    }
)
SOUND = {("cloudbase-init", "cloudbase-init"): "2"}
IDS = [check.id for check in CHECKS if check.group == WINDOWS]


class PowerShell:
    """An agent that answers as the script in a Windows system would."""

    def __init__(self, observed: Mapping[tuple[str, str], str], *, output: bytes = b"") -> None:
        triples = "system:kernel\0\0Windows\0" + "".join(
            f"observed:{kind}\0{subject}\0{value}\0" for (kind, subject), value in observed.items()
        )
        word = base64.b64encode(f"{triples}end\0\0\0".encode())
        self.output = output or b"\r\ncvmimg-begin\r\nbase64:%s\r\ncvmimg-end\r\n\r\n" % word
        self.scripts: list[Script] = []

    def run(self, script: Script, parameters: Mapping[str, str], **_: Any) -> ScriptOutput:
        assert script.checked(parameters) == {}
        self.scripts.append(script)
        return ScriptOutput(0, self.output)


def checked(
    observed: Mapping[tuple[str, str], str], *, sysprep: bool = False
) -> dict[str, CheckResult]:
    guest = read_windows(PowerShell({**SOUND, **observed}))
    request = CheckRequest(instance_id="ins-win00001", name="x", sysprep=sysprep)
    facts = Facts(request, "ap-guangzhou", instance=INSTANCE, quota=10, guest=guest)
    return {result.id: result for result in run_checks(facts) if result.id in IDS}


def test_a_sound_system_passes() -> None:
    results = checked({})
    assert list(results) == IDS
    assert {(result.status, result.code) for result in results.values()} == {
        (Status.PASS, "NothingFound")
    }


@pytest.mark.parametrize(
    ("observed", "check", "code", "names"),
    [
        (("sysprep-state", "GeneralizationState", "3"), "sysprep-state", "SysprepBlocked",
         ["GeneralizationState 3"]),
        (("sysprep-state", "domain controller", ""), "sysprep-state", "SysprepBlocked",
         ["domain controller"]),
        (("sysprep-service", "MSDTC", "disabled"), "sysprep-state", "SysprepServicesDisabled",
         ["MSDTC"]),
        (("windows-reboot", "Windows Update", ""), "windows-reboot", "WindowsRebootPending",
         ["Windows Update"]),
    ],
)  # fmt: skip
def test_what_blocks_sysprep_fails_only_where_it_is_to_run(
    observed: tuple[str, str, str], check: str, code: str, names: list[str]
) -> None:
    kind, subject, value = observed
    found = {(kind, subject): value}
    assert checked(found, sysprep=True)[check].status is Status.FAIL
    lenient = checked(found)[check]
    assert lenient.status is (Status.PASS if check == "sysprep-state" else Status.WARN)
    assert (lenient.code, lenient.params["names"]) == (code, names)
    assert lenient.remedies


def test_cloudbase_init_that_is_disabled_and_antivirus_are_named() -> None:
    results = checked(
        {
            ("cloudbase-init-broken", "its service is disabled"): "",
            ("antivirus", "Huorong"): "HipsDaemon",
        }
    )
    assert (results["cloudbase-init"].status, results["cloudbase-init"].code) == (
        Status.WARN,
        "CloudbaseInitBroken",
    )
    assert results["antivirus"].params["names"] == ["Huorong"]


def test_cloudbase_init_that_is_missing_is_a_warning() -> None:
    guest = read_windows(PowerShell({}))
    facts = Facts(CheckRequest(instance_id="i"), "r", instance=INSTANCE, quota=10, guest=guest)
    results = {result.id: result for result in run_checks(facts)}
    assert results["cloudbase-init"].code == "CloudbaseInitMissing"


def test_the_checks_of_linux_do_not_apply_and_are_not_shown() -> None:
    guest = read_windows(PowerShell(SOUND))
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
    guest = read_windows(PowerShell({}, output=output))
    assert isinstance(guest, GuestUnreadable)
    assert guest.reason is Reason.GARBLED


def test_the_script_is_sent_as_powershell_and_over_ssh_not_at_all() -> None:
    assert load(WINDOWS_SCRIPT).language == "POWERSHELL"
    assert load("inspect").language == "SHELL"
    with pytest.raises(GuestUnreachable):
        SshAccess(SshTarget("host")).run(load(WINDOWS_SCRIPT), {})


def test_the_script_is_valid_powershell() -> None:
    import tree_sitter
    import tree_sitter_powershell as powershell

    parser = tree_sitter.Parser(tree_sitter.Language(powershell.language()))
    tree = parser.parse(load(WINDOWS_SCRIPT).text.encode())
    assert not tree.root_node.has_error
    assert tree.root_node.child_count


def test_the_script_writes_nothing() -> None:
    """It has none of the verbs with which PowerShell changes a system."""
    import re

    verbs = re.findall(r"\b([A-Z][a-z]+)-[A-Z]\w+", load(WINDOWS_SCRIPT).text)
    assert set(verbs) == {"New", "Add", "Get", "Test", "Read", "Write"}
    words = set(re.findall(r"\b(?:New|Add|Write)-\w+", load(WINDOWS_SCRIPT).text))
    assert words == {"New-Object", "Add-Record", "Add-Observed", "Write-Output"}


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab() as lab:
        yield lab


def test_windows_in_the_sandbox_is_read_through_the_agent(lab: Lab) -> None:
    request = CheckRequest(instance_id="ins-win00001")
    facts = gather_guest(lab.session().cloud, request)
    assert isinstance(facts.guest, GuestFacts)
    assert facts.guest.was_read
    assert "cloudbase-init" in facts.guest.observed
