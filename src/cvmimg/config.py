"""The config file: profiles of settings in TOML. It holds no secret.

    [profiles.default]
    region = "ap-guangzhou"

    [profiles.prod]
    region = "ap-shanghai"
    credentials = "work"            # the tccli or SDK profile with the keys; "prod" by default

    [profiles.prod.create]          # options of a command
    timeout = "3h"

    [profiles.prod.launch]          # what new instances are like
    zone = "ap-shanghai-5"
    security_groups = ["sg-12345678"]

The profile ``default`` counts where none is named.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from cvmimg.errors import UsageError
from cvmimg.message import Message
from cvmimg.suggest import did_you_mean

CONFIG_VARIABLE, STATE_VARIABLE = "CVMIMG_CONFIG", "CVMIMG_STATE_DIR"

_SECRET = re.compile(r"secret|passw|token|credential_?key|access_?key|private_?key", re.IGNORECASE)
_SETTINGS: Mapping[str, type] = {
    "region": str,
    "endpoint": str,
    "sandbox": bool,
    "output": str,
    "quiet": bool,
    "verbose": int,
    "no_color": bool,
    "no_progress": bool,
    "yes": bool,
}
"""The options of every command that a profile may hold, and their types."""


@dataclass(frozen=True)
class Profile:
    """A profile of the config file.

    Attributes:
        place: the file and the profile, for messages.
        found: whether the file has it.
        settings: options of every command.
        credentials: the tccli or SDK profile with the keys; empty if none is named.
        domain: where the services are, such as "intl"; empty for the default.
        commands: a table of options by command.
    """

    place: str = ""
    found: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    credentials: str = ""
    domain: str = ""
    commands: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def options_of(self, words: Sequence[str]) -> Mapping[str, Any]:
        """Return the options of the command ``words``, without the settings of new instances."""
        table: Any = self.commands
        for word in words:
            table = table.get(word, {}) if isinstance(table, Mapping) else {}
        taken = _launch_fields() if tuple(words) == ("launch",) and table else ()
        return {name: value for name, value in table.items() if name not in taken}

    def launch_settings(self) -> Any:
        """Return the profile's settings of new instances (``LaunchSettings``).

        Raises:
            UsageError: a value is invalid for its key.
        """
        from pydantic import ValidationError

        from cvmimg.workflows.launch.settings import LaunchSettings

        table = self.commands.get("launch", {})
        given = {name: value for name, value in table.items() if name in _launch_fields()}
        try:
            return LaunchSettings(**given)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join((self.place, "launch", *map(str, first["loc"])))
            reason = first["msg"].replace("Input should be", "must be")
            message = Message("ConfigValueInvalid", key=key, reason=reason)
            raise UsageError(message) from error


def config_path(environment: Mapping[str, str]) -> Path:
    """Return the path of the config file: CVMIMG_CONFIG, or in the platform's folder."""
    if named := environment.get(CONFIG_VARIABLE):
        return Path(named).expanduser()
    return _user_folder(environment, "XDG_CONFIG_HOME", ".config") / "config.toml"


def state_dir(environment: Mapping[str, str]) -> Path:
    """Return the folder of the journal and the sandbox: CVMIMG_STATE_DIR, or the platform's."""
    if named := environment.get(STATE_VARIABLE):
        return Path(named).expanduser().absolute()
    return _user_folder(environment, "XDG_STATE_HOME", ".local/state")


def _user_folder(environment: Mapping[str, str], variable: str, in_home: str) -> Path:
    """Return our folder below the one of the XDG base directory specification, or the Mac's."""
    base = environment.get(variable, "")
    if not os.path.isabs(base):
        in_home = "Library/Application Support" if sys.platform == "darwin" else in_home
        base = os.path.expanduser(f"~/{in_home}")  # "~" stays where nobody knows the home
    return Path(base) / "cvmimg"


def load_profile(environment: Mapping[str, str], name: str = "") -> Profile:
    """Read a profile of the config file.

    Args:
        environment: usually ``os.environ``.
        name: the profile that the user named; empty for "default".

    Returns:
        The profile; an empty one if the file does not have it.

    Raises:
        UsageError: the file cannot be read, or has an unknown key; the message names it.
    """
    path = config_path(environment)
    content = _read(path, required=bool(environment.get(CONFIG_VARIABLE)))
    if content is None:
        return Profile(place=str(path))
    _refuse_secrets(path, content)
    _require_known(str(path), content, ("profiles",))
    profiles = _table(f"{path}: profiles", content.get("profiles", {}))
    key = name or "default"
    place = f"{path}: profiles.{key}"
    if key not in profiles:
        return Profile(place=place)
    table = {_name(k): v for k, v in _table(place, profiles[key]).items()}
    return _profile(place, table)


def profile_names(environment: Mapping[str, str]) -> list[str]:
    """Return the names of the profiles in the config file.

    Raises:
        UsageError: the file cannot be read.
    """
    content = _read(config_path(environment), required=False) or {}
    profiles = content.get("profiles", {})
    return list(profiles) if isinstance(profiles, dict) else []


def _profile(place: str, table: Mapping[str, Any]) -> Profile:
    commands = {name: value for name, value in table.items() if isinstance(value, dict)}
    plain = {name: value for name, value in table.items() if name not in commands}
    _require_known(place, plain, (*_SETTINGS, "credentials", "domain"))
    for name, value in plain.items():
        wanted = _SETTINGS.get(name, str)
        if type(value) is not wanted:
            key = f"{place}.{name}"
            raise UsageError(
                Message("ConfigTypeInvalid", key=key, value=str(value), type=wanted.__name__)
            )
    return Profile(
        place=place,
        found=True,
        settings={name: value for name, value in plain.items() if name in _SETTINGS},
        credentials=plain.get("credentials", ""),
        domain=plain.get("domain", ""),
        commands={name: _named(value) for name, value in commands.items()},
    )


def _named(table: Mapping[str, Any]) -> dict[str, Any]:
    """Name the keys of a table as Python names the options; deeper tables are left alone."""
    return {_name(name): value for name, value in table.items()}


def _name(key: str) -> str:
    return key.replace("-", "_")


def _read(path: Path, *, required: bool) -> dict[str, Any] | None:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if required:
            raise UsageError(Message("ConfigNotFound", path=str(path))) from None
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise UsageError(Message("ConfigUnreadable", path=str(path), reason=reason)) from error
    toml = _toml()
    try:
        content: dict[str, Any] = toml.loads(text)
    except toml.TOMLDecodeError as error:
        message = Message("ConfigNotToml", path=str(path), reason=str(error))
        raise UsageError(message) from error
    return content


def _toml() -> Any:
    return import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")


def _table(place: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(Message("ConfigNotATable", key=place))
    return value


def _require_known(place: str, table: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in table:
        if key not in known:
            raise UsageError(
                Message("ConfigKeyUnknown", place=place, key=key, known=list(known)),
                hint=did_you_mean(key, lambda: known),
            )


def _refuse_secrets(path: Path, content: Mapping[str, Any]) -> None:
    for key in _keys(content):
        if _SECRET.search(key):
            raise UsageError(Message("ConfigHoldsSecret", path=str(path), key=key))


def _keys(table: Any) -> Iterator[str]:
    if isinstance(table, Mapping):
        for key, value in table.items():
            yield key
            yield from _keys(value)
    elif isinstance(table, list):
        for value in table:
            yield from _keys(value)


def _launch_fields() -> tuple[str, ...]:
    from cvmimg.workflows.launch.settings import LaunchSettings

    return tuple(LaunchSettings.model_fields)
