"""Explain a code offline: an error of cvmimg or of the API, a check, or a result of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cvmimg.checks.registry import CHECKS, Check
from cvmimg.cli.messages import text
from cvmimg.cli.messages.catalog import CHECK_RESULTS, EXIT_CODES, SENTENCES
from cvmimg.cli.messages.en import TEXTS
from cvmimg.cloud import errors as api
from cvmimg.errors import UsageError
from cvmimg.message import Message
from cvmimg.suggest import suggestion

_API_CODE = re.compile(r"[A-Z][A-Za-z]+(\.[A-Za-z0-9]+)*")
_API_FAMILIES = (
    (api.THROTTLED, "explain.throttled"),
    (api.SERVER_TROUBLE, "explain.server-trouble"),
    (api.BUSY, "explain.busy"),
    (api.ALREADY_STOPPED, "explain.already-stopped"),
    (api.ALREADY_RUNNING, "explain.already-running"),
    (api.UNKNOWN_TAG, "explain.unknown-tag"),
)
_ERRORS, _CHECKS = "docs/errors.md", "docs/how-checks-decide.md"
_API_PAGE = f"{_ERRORS}#codes-of-the-api"
_PLACE = re.compile(r"\{([^{}:]+)(?::([^{}]*))?\}")


@dataclass(frozen=True)
class Explanation:
    """What a code means.

    Attributes:
        code: the code.
        kind: "error", "api-error", "check" or "check-result".
        says: the sentence, with the names of its parameters in capitals; a line each where a code
            stands for several.
        meaning: what it means beyond that.
        remedy: what to do about it, a line each.
        exit_code: of an error that ends the program with it; None for a check's own.
        results: of a check, the codes of its results.
        page: the page of the documentation.
    """

    code: str
    kind: str
    says: str
    meaning: str = ""
    remedy: list[str] = field(default_factory=list)
    exit_code: int | None = None
    results: list[str] = field(default_factory=list)
    page: str = ""


def explain(code: str) -> Explanation:
    """Explain a code; upper and lower case do not matter for cvmimg's own.

    Raises:
        UsageError: the code is unknown.
    """
    checks: Mapping[str, Check] = {check.id: check for check in CHECKS}
    if code.lower() in checks:
        return _check(checks[code.lower()])
    own = {known.lower(): known for known in known_codes()}.get(code.lower())
    if own is not None:
        return _error(own) if own in EXIT_CODES else _check_result(own)
    if _is_of_api(code):
        return _api_error(code)
    hint = suggestion(code, [*known_codes(), *checks], Message("explain.where"))
    raise UsageError(Message("CodeUnknown", code=code), hint=hint)


def known_codes() -> list[str]:
    """Return the codes of cvmimg's own errors and of the results of checks."""
    results = (result for codes in CHECK_RESULTS.values() for result in codes)
    return list(dict.fromkeys([*EXIT_CODES, *results]))


def _check(check: Check) -> Explanation:
    skip = text(Message("explain.skip-check", check=check.id))
    meaning = text(Message("explain.reads-guest")) if check.needs_guest else ""
    results = list(CHECK_RESULTS.get(check.id, ()))
    return Explanation(
        check.id, "check", text(check.why), meaning, [skip], None, results, f"{_CHECKS}#{check.id}"
    )


def _check_result(code: str) -> Explanation:
    checks = [check for check, codes in CHECK_RESULTS.items() if code in codes]
    meaning = text(Message("explain.result-of", checks=checks))
    page = f"{_CHECKS}#{checks[0]}"
    return Explanation(code, "check-result", _says(code), meaning, _remedy(code), None, [], page)


def _error(code: str) -> Explanation:
    exit_code = EXIT_CODES[code]
    meaning = text(Message(f"exit-code.{exit_code}"))
    sentences = SENTENCES.get(code, (code,))
    says = "\n".join(map(_says, sentences))
    remedy = [line for each in sentences for line in _remedy(each)]
    page = f"{_ERRORS}#{sentences[0].lower()}"
    return Explanation(code, "error", says, meaning, remedy, exit_code, [], page)


def _is_of_api(code: str) -> bool:
    known = any(api.matches(code, family) for family, _ in _API_FAMILIES)
    return known or ("." in code and _API_CODE.fullmatch(code) is not None) or bool(_api_hint(code))


def _api_error(code: str) -> Explanation:
    error = api.from_api(code, "", "", action="")
    handled = [text(Message(how)) for family, how in _API_FAMILIES if api.matches(code, family)]
    meaning = " ".join([*handled, text(Message(f"exit-code.{error.exit_code}"))])
    hint = _api_hint(code)
    remedy = text(hint).splitlines() if hint else [text(Message("explain.api-message"))]
    says = text(Message("explain.api-code"))
    return Explanation(code, "api-error", says, meaning, remedy, error.exit_code, [], _API_PAGE)


def _api_hint(code: str) -> Message | None:
    return api.from_api(code, "", "", action="").hint


def _says(code: str) -> str:
    return _filled(TEXTS[code])


def _remedy(code: str) -> list[str]:
    return _filled(TEXTS.get(f"{code}.hint", "")).splitlines()


def _filled(template: str) -> str:
    """Return a template with the names of its parameters in capitals."""
    return _PLACE.sub(_name, template).replace("{{", "{").replace("}}", "}")


def _name(place: re.Match[str]) -> str:
    name, form = place[1], place[2] or ""
    word = "cvmimg" if name == "cvmimg" else name.upper().replace("_", "-")
    if form == "quoted":
        return f"'{word}'"
    if "|" not in form:
        return word
    several = form.split("|")[1]
    return several.replace("#", word) if "#" in several else f"{word} {several}"
