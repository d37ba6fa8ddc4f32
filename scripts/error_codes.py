"""Finds the error codes that each of the sandbox's actions can answer, by reading its source.

From the function of an action, every function that it calls in the sandbox is followed. A code that
is put together at run time is given as a pattern, such as "UnsupportedOperation.InstanceState*".
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from cvmimg.sandbox.wire import errors
from cvmimg.sandbox.wire.call import ACTIONS

PACKAGE = "cvmimg.sandbox"


@dataclass
class Function:
    """What a function raises and calls.

    Attributes:
        codes: the codes it raises; "*" stands for what is known at run time only.
        calls: the functions it calls, with the texts given to each.
        of_argument: the code is a text that the caller gives, with this before it.
    """

    codes: set[str] = field(default_factory=set)
    calls: list[tuple[FunctionType, list[str]]] = field(default_factory=list)
    of_argument: str | None = None


def of_action(service: str, action: str) -> list[str]:
    """Return the codes that the function of an action can answer, sorted."""
    handler = ACTIONS[service, action].handler
    assert isinstance(handler, FunctionType)
    found: set[str] = set()
    seen: set[FunctionType] = set()
    waiting = [handler]
    while waiting:
        function = waiting.pop()
        if function in seen:
            continue
        seen.add(function)
        read = _read(function)
        found |= read.codes
        for called, texts in read.calls:
            prefix = _read(called).of_argument
            if prefix is not None:
                found |= {prefix + text for text in texts}
            waiting.append(called)
    return sorted({errors.code_of(action, code) for code in found})


@cache
def _read(function: FunctionType) -> Function:
    tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(function)))
    module = importlib.import_module(function.__module__)
    result = Function()
    parameters = set(inspect.signature(function).parameters)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("ApiError", "refusal"):
            for code in _values(node.args[0], tree):
                _note_codes(code, parameters, result)
        elif isinstance(node, ast.Call):
            called = _resolve(node.func, module)
            if called is not None:
                result.calls.append((called, list(_texts(node))))
        elif isinstance(node, (ast.Name, ast.Attribute)):
            referred = _resolve(node, module)
            if referred is not None:  # given to another function, such as a filter
                result.calls.append((referred, []))
    return result


def _values(node: ast.expr, tree: ast.AST) -> list[ast.expr]:
    """Return the expressions that a variable of the function can have, or the expression itself."""
    if not isinstance(node, ast.Name):
        return [node]
    assigned = [
        each.value
        for each in ast.walk(tree)
        if isinstance(each, ast.Assign)
        for target in each.targets
        if isinstance(target, ast.Name) and target.id == node.id
    ]
    return assigned or [node]


def _note_codes(node: ast.expr, parameters: set[str], result: Function) -> None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        result.codes.add(node.value)
    elif isinstance(node, ast.IfExp):
        for branch in (node.body, node.orelse):
            _note_codes(branch, parameters, result)
    elif isinstance(node, ast.Name) and node.id in parameters:
        result.of_argument = ""
    elif isinstance(node, ast.JoinedStr):
        prefix = "".join(str(p.value) for p in node.values if isinstance(p, ast.Constant))
        last = node.values[-1]
        is_argument = isinstance(last, ast.FormattedValue) and (
            isinstance(last.value, ast.Name) and last.value.id in parameters
        )
        if is_argument:
            result.of_argument = prefix
        else:
            result.codes.add(f"{prefix}*")


def _texts(call: ast.Call) -> Iterator[str]:
    """Yield the texts among the arguments that may be codes."""
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    for value in values:
        for each in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
            if (
                isinstance(each, ast.Constant)
                and isinstance(each.value, str)
                and _is_code(each.value)
            ):
                yield each.value


def _is_code(text: str) -> bool:
    return text[:1].isupper() and all(part.isalnum() for part in text.split("."))


def _resolve(node: ast.expr, module: ModuleType) -> FunctionType | None:
    """Return the sandbox's function that an expression names, or None."""
    found: Any = None
    if isinstance(node, ast.Name):
        found = getattr(module, node.id, None)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        owner = getattr(module, node.value.id, None)
        found = getattr(owner, node.attr, None) if isinstance(owner, ModuleType) else None
    if isinstance(found, FunctionType) and found.__module__.startswith(PACKAGE):
        return found
    return None
