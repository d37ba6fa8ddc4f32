"""A list as the user wants it: other columns, another order, a part of it, or a query's result."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from cvmimg.cli.render import Column, Result, Row
from cvmimg.cli.render.data import flat

if TYPE_CHECKING:
    from cvmimg.cli.list_options import ListView
    from cvmimg.cli.settings import Settings


def arranged(result: Result, view: ListView, settings: Settings) -> Result:
    """Sort, limit and reduce a list."""
    rows = _sorted(result.rows, view) if view.sort else list(result.rows)
    result = replace(result.with_rows(rows[: view.limit]), header=view.header)
    if not view.columns:
        return result
    if settings.output in ("json", "jsonl"):
        result = result.with_rows([{key: row[key] for key in view.columns} for row in result.rows])
    own = {column.key: column for column in result.columns}
    columns = [own.get(key) or _generic(key) for key in view.columns]
    kept = [replace(column, rank=0) for column in columns]
    return replace(result, columns=kept, keys=view.columns)


def queried(result: Result, expression: str) -> Result:
    """Return what a JMESPath expression selects from the JSON document, in any format."""
    import jmespath

    selected = jmespath.search(expression, result.document)
    parts = selected if isinstance(selected, list) else [] if selected is None else [selected]
    if parts and all(isinstance(part, Mapping) for part in parts):
        keys = list(dict.fromkeys(key for part in parts for key in part))
        rows: list[Row] = [dict.fromkeys(keys) | dict(part) for part in parts]
        header = result.header
    else:
        lists = [part if isinstance(part, list) else [part] for part in parts]
        rows = [{str(n): value for n, value in enumerate(part)} for part in lists]
        keys = [str(n) for n in range(max(map(len, lists), default=0))]
        header = False
    return Result(
        document=selected,
        rows=rows,
        columns=[_generic(key) for key in keys],
        keys=keys,
        details=isinstance(selected, Mapping),
        header=header,
    )


def _sorted(rows: Sequence[Row], view: ListView) -> list[Row]:
    """Sort numbers by size, all else as text without case; missing values last."""
    present = [row for row in rows if row[view.sort] not in (None, "")]
    present.sort(key=partial(_sort_key, view.sort), reverse=view.descending)
    return present + [row for row in rows if row[view.sort] in (None, "")]


def _sort_key(key: str, row: Row) -> tuple[float, str]:
    value = row[key]
    return (value, "") if isinstance(value, (int, float)) else (0.0, flat(value).lower())


def _generic(key: str) -> Column:
    return Column(key.upper(), key, lambda row: _text(row.get(key)), fit="shorten")


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)) and any(isinstance(each, (list, dict)) for each in value):
        return json.dumps(value, ensure_ascii=False)
    return flat(value)
