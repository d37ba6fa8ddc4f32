"""API errors: their type, and the ones any action can answer, in English and Chinese."""

# ruff: noqa: RUF001 - Chinese messages have Chinese punctuation

from __future__ import annotations

from cvmimg.sandbox.wire.refusals import REFUSALS


class ApiError(Exception):
    """An error answer, with the real service's code.

    Args:
        code: as listed for the action, or a common one.
        message: in English.
        message_zh: in Chinese, for X-TC-Language: zh-CN; the English one when empty.
    """

    def __init__(self, code: str, message: str, message_zh: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.message_zh = message_zh or message


def refusal(code: str, about: str = "", **parameters: object) -> ApiError:
    """Return the error ``code`` with its text from ``REFUSALS``.

    Args:
        code: as listed for the action, or a common one.
        about: the name of the text, where the code has several.
        parameters: the values in the text.
    """
    english, chinese = REFUSALS[about or code]
    return ApiError(code, english.format_map(parameters), chinese.format_map(parameters))


def missing_parameter(name: str) -> ApiError:
    """Return the error of a request that lacks ``name``."""
    return ApiError(
        "MissingParameter",
        f"The request is missing a required parameter `{name}`.",
        f"缺少参数：`{name}`。",
    )


def unknown_parameter(name: str) -> ApiError:
    """Return the error of a parameter that the action does not have."""
    return ApiError(
        "UnknownParameter",
        f"The parameter `{name}` is not recognized.",
        f"未知参数：`{name}`。",
    )


def wrong_type(name: str, wanted: str) -> ApiError:
    """Return the error of a parameter that is not ``wanted``."""
    return ApiError(
        "InvalidParameter",
        f"The value type of parameter `{name}` is not valid: it should be {wanted}.",
        f"参数 `{name}` 取值类型错误。",
    )


def not_authorized(code: str, message: str, message_zh: str) -> ApiError:
    """Return an authentication error."""
    return ApiError(f"AuthFailure.{code}", message, message_zh)


def signature_failure(why: str, why_zh: str) -> ApiError:
    """Return the error of a signature that does not match."""
    return not_authorized(
        "SignatureFailure",
        f"The provided credentials could not be validated: {why}.",
        f"签名验证失败：{why_zh}。",
    )


def internal_error() -> ApiError:
    """Return the error of a failure in the sandbox itself."""
    return ApiError(
        "InternalError",
        "An internal error occurred in the sandbox; see its log.",
        "内部错误：沙箱发生故障，详情见其日志。",
    )


def dry_run_passed() -> ApiError:
    """Return the answer to a dry run of a request that would have succeeded."""
    return ApiError(
        "DryRunOperation",
        "The request would have succeeded, but the DryRun parameter was used.",
        "请求将会成功，只是多传了 DryRun 参数。",
    )
