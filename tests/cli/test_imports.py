"""What a command loads: start-up time, in a form that does not depend on the machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cvmimg.sandbox import Sandbox

pytestmark = pytest.mark.system

RUN = """
import json, os, sys
from cvmimg.__main__ import main
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
finally:
    with open(os.environ["LOADED"], "w") as file:
        json.dump(sorted(sys.modules), file)
"""

FACE = {
    "cvmimg",
    "cvmimg.__main__",
    "cvmimg.cli",
    "cvmimg.cli.app",
    "cvmimg.cli.commands",
    "cvmimg.cli.options",
    "cvmimg.cli.settings",
    "cvmimg.cli.shared",
    "cvmimg.cli.streams",
    "cvmimg.suggest",
    "cvmimg.cloud",
    "cvmimg.cloud.ids",
    "cvmimg.cloud.limits",
    "cvmimg.errors",
    "cvmimg.message",
}
"""All of our own that it takes to know the commands and their options."""


LIST = {
    "cvmimg.durable",
    "cvmimg.durable.journal",
    "cvmimg.cli.commands.list",
    "cvmimg.cli.connection",
    "cvmimg.cli.list_options",
    "cvmimg.cli.render",
    "cvmimg.cli.render.data",
    "cvmimg.cli.render.images",
    "cvmimg.cli.session",
    "cvmimg.cli.text",
    "cvmimg.clock",
    "cvmimg.cloud",
    "cvmimg.cloud.answers",
    "cvmimg.cloud.api_model",
    "cvmimg.cloud.attempts",
    "cvmimg.cloud.client",
    "cvmimg.cloud.credentials",
    "cvmimg.cloud.cvm",
    "cvmimg.cloud.errors",
    "cvmimg.cloud.find_credentials",
    "cvmimg.cloud.http_session",
    "cvmimg.cloud.limits",
    "cvmimg.cloud.rate_limits",
    "cvmimg.cloud.models",
    "cvmimg.cloud.region",
    "cvmimg.config",
    "cvmimg.workflows",
    "cvmimg.durable.journal.folders",
    "cvmimg.workflows.all_regions",
    "cvmimg.workflows.list_images",
    "cvmimg.workflows.several",
}
"""What it takes beside that to list images as JSON."""

SDK = {
    "tencentcloud",
    "requests",
    "urllib3",
    "idna",
    "certifi",
    "charset_normalizer",
}
"""The official SDK, and what it needs."""

NOT_OTHERS = sys.stdlib_module_names | {"cvmimg", "__main__", "_distutils_hack", "tomli"}
"""Python's own (3.10 has tomli for tomllib), ours, and what setuptools puts into every process."""


class Loader:
    """Runs a command in a process of its own; returns the modules that it had loaded at its end."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment

    def __call__(self, *arguments: str, **more: str) -> set[str]:
        loaded = self._folder / "loaded.json"
        inherited = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        environment = {
            **inherited,
            **self._environment,
            **more,
            "LOADED": str(loaded),
            "CVMIMG_STATE_DIR": str(self._folder),
            "CVMIMG_CONFIG": os.devnull,
        }
        subprocess.run(
            [sys.executable, "-c", RUN, *arguments],
            env=environment,
            check=True,
            capture_output=True,
            timeout=60,
        )
        return set(json.loads(loaded.read_text()))


@pytest.fixture
def loaded_by(tmp_path: Path) -> Loader:
    return Loader(tmp_path, {})


@pytest.fixture
def loaded_with_a_cloud(tmp_path: Path) -> Iterator[Loader]:
    with Sandbox() as sandbox:
        secret_id, secret_key = sandbox.credentials()
        yield Loader(
            tmp_path,
            {
                "CVMIMG_ENDPOINT": sandbox.serve().url,
                "TENCENTCLOUD_SECRET_ID": secret_id,
                "TENCENTCLOUD_SECRET_KEY": secret_key,
                "TENCENTCLOUD_REGION": "ap-guangzhou",
            },
        )


def others(modules: set[str]) -> set[str]:
    """The packages that are neither Python's nor ours, without what compilers add to them."""
    packages = {module.partition(".")[0] for module in modules} - NOT_OTHERS
    return {package for package in packages if not re.search("cython|mypyc", package)}


def ours(modules: set[str]) -> set[str]:
    return {module for module in modules if module.partition(".")[0] == "cvmimg"}


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]])
def test_the_program_itself_loads_click_and_the_face_alone(
    loaded_by: Loader, arguments: list[str]
) -> None:
    modules = loaded_by(*arguments)

    assert others(modules) == {"click"}
    assert ours(modules) == FACE


def test_completing_a_command_loads_no_command(loaded_by: Loader) -> None:
    modules = loaded_by(_CVMIMG_COMPLETE="bash_complete", COMP_WORDS="cvmimg cre", COMP_CWORD="1")

    assert others(modules) == {"click"}
    assert ours(modules) == FACE | {"cvmimg.cli.shell_completion"}


@pytest.mark.parametrize("command", ["create", "list", "launch"])
def test_the_help_of_a_command_loads_neither_sdk_nor_pydantic_nor_rich(
    loaded_by: Loader, command: str
) -> None:
    assert others(loaded_by(command, "--help")) == {"click"}


def test_a_list_as_json_imports_only_click_the_sdk_and_listing(
    loaded_with_a_cloud: Loader,
) -> None:
    modules = loaded_with_a_cloud("list", "-o", "json")

    assert others(modules) == {"click", *SDK}
    assert ours(modules) == FACE | LIST


def test_a_list_of_instances_imports_only_what_a_list_of_images_does(
    loaded_with_a_cloud: Loader,
) -> None:
    assert others(loaded_with_a_cloud("instances", "-o", "json")) == {"click", *SDK}


def test_a_create_without_a_terminal_imports_only_what_a_list_does(
    loaded_with_a_cloud: Loader,
) -> None:
    options = ["--name", "web-v2", "--no-wait", "-o", "json"]
    modules = loaded_with_a_cloud("create", "--instance", "ins-web00001", *options)

    assert others(modules) <= {"click", *SDK}
