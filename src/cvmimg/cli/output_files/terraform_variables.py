"""Variables for Terraform and OpenTofu: ``*.tfvars`` and ``*.tfvars.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cvmimg.cli.run_report import RunReport

_PLAIN = re.compile(r"[^\x00-\x1f\x7f\"\\]")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def as_json(report: RunReport, _: Path) -> str | None:
    """Return the variables as JSON; None where nothing was made."""
    values = _variables(report)
    return json.dumps(values, indent=2, ensure_ascii=False) + "\n" if values else None


def as_hcl(report: RunReport, _: Path) -> str | None:
    """Return the variables in Terraform's own syntax; None where nothing was made."""
    values = _variables(report)
    return "".join(f"{name} = {_hcl(value)}\n" for name, value in values.items()) or None


def _variables(report: RunReport) -> dict[str, Any]:
    if report.error is not None:
        return {}
    if report.instances:
        return {
            "image_id": report.image_ids[0],
            "region": report.region,
            "instance_ids": report.instance_ids,
            "private_ips": [ip for each in report.instances for ip in each["private_ips"]],
            "public_ips": [ip for each in report.instances for ip in each["public_ips"]],
        }
    if len(report.images) == 1:
        (image,) = report.images
        return {
            "image_id": image["id"],
            "image_name": image["name"],
            "region": image["region"],
            "source_instance_id": report.sources[image["id"]],
        }
    if not report.images:
        return {}
    by_instance = {source: image for image, source in report.sources.items()}
    return {"image_ids": by_instance, "region": report.region}


def _hcl(value: Any) -> str:
    if isinstance(value, Mapping):
        entries = "".join(f"  {_quoted(key)} = {_hcl(each)}\n" for key, each in value.items())
        return f"{{\n{entries}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_hcl, value))}]"
    return _quoted(str(value))


def _quoted(text: str) -> str:
    escaped = "".join(
        each if _PLAIN.fullmatch(each) else _ESCAPES.get(each) or f"\\u{ord(each):04x}"
        for each in _literal(text)
    )
    return f'"{escaped}"'


def _literal(text: str) -> str:
    """Return text without template syntax, which JSON variables do not have."""
    return text.replace("${", "$${").replace("%{", "%%{")
