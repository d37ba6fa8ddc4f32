"""``--output-file``: the result for other programs, in the format of the file's name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cvmimg.cli.output_files import write_output_files
from cvmimg.cli.run_report import RunReport
from cvmimg.cli.streams import ReaderGone
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("sandbox")
CREATE = ("create", "--instance", "ins-web00001", "--name", "v2")


def variables(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_an_image_is_written_in_every_format(cvmimg: Run, tmp_path: Path) -> None:
    names = ("a.tfvars", "a.auto.tfvars.json", "manifest.json", "a.env", "a.md")
    files = [word for name in names for word in ("--output-file", str(tmp_path / name))]
    image_id = cvmimg(*CREATE, *files, "--operation-id", "nightly", "-o", "id").out.strip()

    known = {
        "image_id": image_id,
        "image_name": "v2",
        "region": "ap-guangzhou",
        "source_instance_id": "ins-web00001",
    }
    lines = "".join(f'{key} = "{value}"\n' for key, value in known.items())
    assert (tmp_path / "a.tfvars").read_text() == lines
    assert json.loads((tmp_path / "a.auto.tfvars.json").read_text()) == known
    (build,) = json.loads((tmp_path / "manifest.json").read_text())["builds"]
    assert (build["artifact_id"], build["name"]) == (f"ap-guangzhou:{image_id}", "v2")
    assert variables(tmp_path / "a.env") == {
        "CVMIMG_IMAGE_ID": image_id,
        "CVMIMG_IMAGE_NAME": "v2",
        "CVMIMG_INSTANCE_IDS": "",
        "CVMIMG_OPERATION_ID": "nightly",
        "CVMIMG_FAILED_CHECKS": "",
        "CVMIMG_FAILURE_REASON": "",
        "CVMIMG_FAILURE_MESSAGE": "",
        "CVMIMG_EXIT_CODE": "0",
    }
    summary = (tmp_path / "a.md").read_text()
    assert f"| {image_id} | v2 | NORMAL | ap-guangzhou |" in summary
    assert "| instance | pass |" in summary
    assert "| creating image v2 | done |" in summary
    assert "- Cost: the image keeps snapshots" in summary


def test_a_copy_is_a_part_of_the_artifact(cvmimg: Run, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    options = ("--copy-to", "ap-beijing", "--output-file", str(manifest), "-o", "json")
    made = cvmimg(*CREATE, *options).json

    (build,) = json.loads(manifest.read_text())["builds"]
    copy = made["copies"][0]["image"]["id"]
    assert build["artifact_id"] == f"ap-guangzhou:{made['image']['id']},ap-beijing:{copy}"


def test_a_manifest_lists_each_operation_once(cvmimg: Run, tmp_path: Path) -> None:
    manifest = str(tmp_path / "manifest.json")
    for name, operation in (("v2", "first"), ("v2", "first"), ("v3", "second")):
        options = ("--name", name, "--operation-id", operation, "--output-file", manifest)
        assert cvmimg("create", "--instance", "ins-web00001", *options).code == 0

    written = json.loads(Path(manifest).read_text())
    assert [build["name"] for build in written["builds"]] == ["v2", "v3"]
    assert written["last_run_uuid"] == written["builds"][1]["packer_run_uuid"]


def test_several_images_are_named_by_their_instances(cvmimg: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.tfvars.json"
    options = ("--name", "{instance_id}-v2", "--output-file", str(path), "-o", "json")
    made = cvmimg("create", "--instance", "ins-web00001", "--instance", "ins-nofl0001", *options)

    by_instance = {each["instance_id"]: each["image"]["id"] for each in made.json}
    assert json.loads(path.read_text()) == {"image_ids": by_instance, "region": "ap-guangzhou"}


def test_launched_instances_are_written(cvmimg: Run, tmp_path: Path) -> None:
    env, terraform, summary = (tmp_path / name for name in ("a.env", "a.tfvars.json", "a.md"))
    files = [word for path in (env, terraform, summary) for word in ("--output-file", str(path))]
    command = ("launch", "--image", "web-v1", "--count", "2", "--yes", "-o", "json")
    launched = cvmimg(*command, *files, "--operation-id", "rollout").json

    ids = [instance["id"] for instance in launched["instances"]]
    assert json.loads(terraform.read_text())["instance_ids"] == ids
    written = variables(env)
    assert written["CVMIMG_INSTANCE_IDS"] == ",".join(ids)
    assert written["CVMIMG_IMAGE_ID"] == "img-webv1000"
    assert written["CVMIMG_IMAGE_NAME"] == "web-v1"
    assert written["CVMIMG_OPERATION_ID"] == "rollout"
    assert "CNY/hour" in summary.read_text()


def test_a_failure_is_written_for_scripts_and_people_alone(cvmimg: Run, tmp_path: Path) -> None:
    names = ("a.tfvars", "manifest.json", "a.env", "a.md")
    files = [word for name in names for word in ("--output-file", str(tmp_path / name))]
    command = ("create", "--instance", "ins-data0001", "--name", "v2")
    assert cvmimg(*command, *files).code == 3

    assert sorted(path.name for path in tmp_path.glob("*a.*")) == ["a.env", "a.md"]
    written = variables(tmp_path / "a.env")
    assert written["CVMIMG_FAILURE_REASON"] == "checks-failed"
    assert written["CVMIMG_FAILED_CHECKS"] == "fstab"
    assert written["CVMIMG_EXIT_CODE"] == "3"
    assert "| fstab | fail |" in (tmp_path / "a.md").read_text()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--instance", "ins-none0000"), "not-found"),
        (("--instance", "ins-web00001", "--name", "x" * 60, "--timeout", "1s"), "timed-out"),
        (("--instance", "ins-web00001", "--name", "web-v1"), "checks-failed"),
    ],
)
def test_a_failure_has_a_reason(
    cvmimg: Run, tmp_path: Path, options: tuple[str, ...], reason: str
) -> None:
    env = tmp_path / "a.env"
    outcome = cvmimg("create", "--name", "v2", "--output-file", str(env), *options)
    if "--name" in options:
        outcome = cvmimg("create", "--output-file", str(env), *options)
    written = variables(env)
    assert written["CVMIMG_FAILURE_REASON"] == reason
    assert written["CVMIMG_EXIT_CODE"] == str(outcome.code)


def test_what_was_requested_is_known_although_the_wait_ended(
    cvmimg: Run, tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("CVMIMG_SANDBOX_SPEED", "1")
    env = tmp_path / "a.env"
    options = ("--timeout", "60s", "--output-file", str(env))
    assert cvmimg(*CREATE, *options).code == 7
    image_id = variables(env)["CVMIMG_IMAGE_ID"]
    assert cvmimg("show", image_id, "-o", "id").out.strip() == image_id

    launch = ("launch", "--image", "web-v1", "--yes", "--timeout", "1s", "--output-file", str(env))
    assert cvmimg(*launch).code == 7
    assert variables(env)["CVMIMG_INSTANCE_IDS"].startswith("ins-")


def test_text_of_the_cloud_stays_in_its_cell(cvmimg: Run, tmp_path: Path) -> None:
    summary = tmp_path / "a.md"
    name = "a|b <img src=x> `c`"
    cvmimg("create", "--instance", "ins-web00001", "--name", name, "--output-file", str(summary))
    assert r"| a\|b \<img src=x\> \`c\` | NORMAL |" in summary.read_text()


def test_no_template_begins_in_a_variable(tmp_path: Path) -> None:
    name = '${file("/etc/passwd")} %{if true} \\ \n é'
    image = {"id": "img-1", "name": name, "region": "ap-guangzhou"}
    report = RunReport("create", images=[image], sources={"img-1": "ins-1"})
    for file in ("a.tfvars", "a.tfvars.json"):
        write_output_files(report, [tmp_path / file])

    line = r'image_name = "$${file(\"/etc/passwd\")} %%{if true} \\ \n é"'
    assert line in (tmp_path / "a.tfvars").read_text(encoding="utf-8").splitlines()
    assert json.loads((tmp_path / "a.tfvars.json").read_text())["image_name"] == name


@pytest.mark.parametrize("name", ["result.yaml", "nowhere/a.env", "folder.env", "other.json"])
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_done(
    cvmimg: Run, tmp_path: Path, name: str
) -> None:
    (tmp_path / "folder.env").mkdir()
    (tmp_path / "other.json").write_text('{"something": "else"}')
    outcome = cvmimg(*CREATE, "--output-file", str(tmp_path / name))
    assert outcome.code == 2
    assert "v2" not in cvmimg("list").out


def test_a_file_that_fails_in_the_end_changes_no_exit_code(cvmimg: Run, tmp_path: Path) -> None:
    full = tmp_path / "a.env"
    full.symlink_to("/dev/full")
    outcome = cvmimg(*CREATE, "--output-file", str(full))
    assert outcome.code == 0
    assert "was not written: No space left on device" in outcome.err


def test_a_reader_that_leaves_early_is_no_failure(
    cvmimg: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise ReaderGone

    monkeypatch.setattr("cvmimg.cli.render._write", gone)
    env = tmp_path / "a.env"
    assert cvmimg(*CREATE, "--dry-run", "--output-file", str(env)).code == 0
    assert variables(env)["CVMIMG_EXIT_CODE"] == "0"
