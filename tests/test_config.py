"""The config file: profiles, and clear words where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from cvmimg.config import Profile, config_path, load_profile, state_dir
from cvmimg.errors import UsageError


def profile(folder: Path, text: str, name: str = "") -> Profile:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_profile({"CVMIMG_CONFIG": str(path)}, name)


def test_without_a_file_there_is_an_empty_profile(tmp_path: Path) -> None:
    found = load_profile({"XDG_CONFIG_HOME": str(tmp_path)})

    assert not found.found
    assert found.settings == {}


def test_a_named_file_has_to_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_profile({"CVMIMG_CONFIG": str(tmp_path / "none.toml")})
    assert caught.value.code == "ConfigNotFound"


def test_a_profile_may_name_the_domain_of_the_services(tmp_path: Path) -> None:
    assert profile(tmp_path, '[profiles.default]\ndomain = "intl"').domain == "intl"


def test_the_default_profile_counts_where_none_is_named(tmp_path: Path) -> None:
    text = '[profiles.default]\nregion = "ap-beijing"\n[profiles.prod]\nregion = "ap-tokyo"'

    assert profile(tmp_path, text).settings == {"region": "ap-beijing"}
    assert profile(tmp_path, text, "prod").settings == {"region": "ap-tokyo"}
    assert not profile(tmp_path, text, "other").found


def test_options_of_commands_may_be_written_as_on_the_command_line(tmp_path: Path) -> None:
    found = profile(tmp_path, "[profiles.default.create]\nwith-data-disks = true")

    assert found.options_of(["create"]) == {"with_data_disks": True}


def test_options_of_a_command_of_a_group(tmp_path: Path) -> None:
    found = profile(tmp_path, "[profiles.default.operations.list]\nunfinished = true")

    assert found.options_of(["operations", "list"]) == {"unfinished": True}


def test_what_new_instances_are_like_is_no_option_of_launch(tmp_path: Path) -> None:
    text = '[profiles.default.launch]\nzone = "ap-guangzhou-6"\nkeys = ["skey-1"]\ntimeout = "3h"'
    found = profile(tmp_path, text)

    assert found.options_of(["launch"]) == {"timeout": "3h"}
    assert found.launch_settings().zone == "ap-guangzhou-6"
    assert found.launch_settings().keys == ("skey-1",)


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("regoin = 1", "ConfigKeyUnknown", "config.toml"),
        ('[profiles.default]\nregoin = "x"', "ConfigKeyUnknown", "profiles.default"),
        ("[profiles.default]\nregion = 1", "ConfigTypeInvalid", "profiles.default.region"),
        ("[profiles.default]\nsandbox = 1", "ConfigTypeInvalid", "profiles.default.sandbox"),
        ("profiles = 1", "ConfigNotATable", "profiles"),
        ("[profiles]\ndefault = 1", "ConfigNotATable", "profiles.default"),
        ("[profiles", "ConfigNotToml", "config.toml"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, code: str, place: str) -> None:
    with pytest.raises(UsageError) as caught:
        profile(tmp_path, text)

    assert caught.value.code == code
    assert any(str(value).endswith(place) for value in caught.value.message.params.values())


def test_a_launch_setting_of_the_wrong_type_is_named(tmp_path: Path) -> None:
    found = profile(tmp_path, '[profiles.default.launch]\npublic_ip_bandwidth = "much"')

    with pytest.raises(UsageError, match=r"profiles.default.launch.public_ip_bandwidth"):
        found.launch_settings()


@pytest.mark.parametrize("key", ["secret_id", "secretKey", "token", "password", "access_key"])
def test_secrets_are_refused_and_not_repeated(tmp_path: Path, key: str) -> None:
    with pytest.raises(UsageError) as caught:
        profile(tmp_path, f'[profiles.default]\n{key} = "hunter2"')

    assert caught.value.code == "ConfigHoldsSecret"
    assert "hunter2" not in str(caught.value)


def test_bytes_that_are_not_text_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(UsageError) as caught:
        load_profile({"CVMIMG_CONFIG": str(path)})
    assert caught.value.code == "ConfigUnreadable"


def test_the_environment_names_the_file_and_the_folder(tmp_path: Path) -> None:
    environment = {"CVMIMG_CONFIG": str(tmp_path / "c"), "CVMIMG_STATE_DIR": str(tmp_path / "s")}

    assert config_path(environment) == tmp_path / "c"
    assert state_dir(environment) == tmp_path / "s"


@pytest.mark.parametrize(
    ("platform", "config", "state"),
    [
        ("linux", ".config", ".local/state"),
        ("darwin", "Library/Application Support", "Library/Application Support"),
    ],
)
def test_the_platform_has_folders_for_both(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str, config: str, state: str
) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setenv("HOME", str(tmp_path))

    assert config_path({}) == tmp_path / config / "cvmimg" / "config.toml"
    assert state_dir({}) == tmp_path / state / "cvmimg"


def test_the_xdg_variables_move_both_unless_they_are_relative(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    moved = {"XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s"}
    relative = {"XDG_CONFIG_HOME": "c", "XDG_STATE_HOME": ""}

    assert config_path(moved) == Path("/c/cvmimg/config.toml")
    assert state_dir(moved) == Path("/s/cvmimg")
    assert config_path(relative) == config_path({})
    assert state_dir(relative) == state_dir({})
