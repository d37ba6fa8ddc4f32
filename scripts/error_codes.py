"""Finds the error codes that each of the sandbox's actions can answer, by reading its source.

From the function of an action, every function that it calls in the sandbox is followed. A code that
is put together at run time is given as a pattern, such as "UnsupportedOperation.InstanceState*".
The codes of the action's limits are added.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from dataclasses import dataclass, field
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from cvmimg.sandbox.wire import errors, limits
from cvmimg.sandbox.wire.call import ACTIONS
from cvmimg.sandbox.wire.constraints import Count

PACKAGE = "cvmimg.sandbox"


@dataclass
class Function:
    """What a function raises and calls.

    Attributes:
        codes: the codes it raises; "*" stands for what is known at run time only.
        calls: the functions it calls or gives to others, such as filters.
        given: parameters that hold a code or its end, with what stands before it.
    """

    codes: set[str] = field(default_factory=set)
    calls: list[FunctionType] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)


def of_action(service: str, action: str) -> list[str]:
    """Return the codes that an action can answer for its parameters, sorted."""
    handler = ACTIONS[service, action].handler
    assert isinstance(handler, FunctionType)
    found = _of_limits(service, action)
    seen: set[FunctionType] = set()
    waiting = [handler]
    while waiting:
        function = waiting.pop()
        if function in seen:
            continue
        seen.add(function)
        read = _read(function)
        found |= read.codes
        waiting += read.calls
    return sorted({errors.code_of(action, code) for code in found})


def _of_limits(service: str, action: str) -> set[str]:
    rules = limits.limits_of(service, action)
    lists = any(isinstance(rule, Count) for rule in rules)
    return {vars(rule)["code"] for rule in rules} | ({"MissingParameter"} if lists else set())


@cache
def _read(function: FunctionType) -> Function:
    tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(function)))
    module = importlib.import_module(function.__module__)
    result = Function()
    parameters = set(inspect.signature(function).parameters)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("ApiError", "refusal"):
            for code in _values(node.args[0], tree):
                _note(code, "", parameters, result)
        elif isinstance(node, ast.Call):
            called = _resolve(node.func, module)
            if called is not None and called is not function:
                _note_given(called, node, parameters, result)
        elif isinstance(node, (ast.Name, ast.Attribute)):  # called, or given to another function
            referred = _resolve(node, module)
            result.calls += [] if referred is None else [referred]
    return result


def _note_given(
    called: FunctionType, call: ast.Call, parameters: set[str], result: Function
) -> None:
    """Note the codes that a call gives to the function it calls."""
    signature = inspect.signature(called).parameters
    for name, prefix in _read(called).given.items():
        position = list(signature).index(name)
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        if position < len(call.args):
            _note(call.args[position], prefix, parameters, result)
        elif name in given:
            _note(given[name], prefix, parameters, result)
        else:
            result.codes.add(f"{prefix}{signature[name].default}")


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


def _note(node: ast.expr, prefix: str, parameters: set[str], result: Function) -> None:
    """Note the code that an expression after ``prefix`` is."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        result.codes.add(prefix + node.value)
    elif isinstance(node, ast.IfExp):
        for branch in (node.body, node.orelse):
            _note(branch, prefix, parameters, result)
    elif isinstance(node, ast.Name) and node.id in parameters:
        result.given[node.id] = prefix
    elif isinstance(node, ast.JoinedStr):
        start = "".join(str(p.value) for p in node.values if isinstance(p, ast.Constant))
        last = node.values[-1]
        if isinstance(last, ast.FormattedValue) and isinstance(last.value, ast.Name):
            _note(last.value, prefix + start, parameters, result)
        else:
            result.codes.add(f"{prefix}{start}*")
    elif prefix:
        result.codes.add(f"{prefix}*")


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
