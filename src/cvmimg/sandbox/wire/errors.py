"""Refusals: their type, and those that any action can answer, in both languages of the service."""

# ruff: noqa: RUF001 - Chinese messages have Chinese punctuation

from __future__ import annotations


class ApiError(Exception):
    """A refusal, with the real service's code.

    Args:
        code: as error-codes.json lists it for the action, or a common one.
        message: in English.
        message_zh: in Chinese, for X-TC-Language: zh-CN; the English one when empty.
    """

    def __init__(self, code: str, message: str, message_zh: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.message_zh = message_zh or message


def missing_parameter(name: str) -> ApiError:
    """The request lacks ``name``."""
    return ApiError(
        "MissingParameter",
        f"The request is missing a required parameter `{name}`.",
        f"缺少参数：`{name}`。",
    )


def unknown_parameter(name: str) -> ApiError:
    """The action knows no ``name``."""
    return ApiError(
        "UnknownParameter",
        f"The parameter `{name}` is not recognized.",
        f"未知参数：`{name}`。",
    )


def wrong_type(name: str, wanted: str, wanted_zh: str) -> ApiError:
    """``name`` is given, but not as a ``wanted``."""
    return ApiError(
        "InvalidParameter",
        f"The value type of parameter `{name}` is not valid: it should be {wanted}.",
        f"参数 `{name}` 的类型不合法，应为{wanted_zh}。",
    )


def not_authorized(code: str, message: str, message_zh: str) -> ApiError:
    """The signer is not known, or the signature does not hold."""
    return ApiError(f"AuthFailure.{code}", message, message_zh)


def signature_failure(why: str, why_zh: str) -> ApiError:
    """The signature is not the one that the request and the key give."""
    return not_authorized(
        "SignatureFailure",
        f"The provided credentials could not be validated: {why}.",
        f"签名验证失败：{why_zh}。",
    )


def internal_error() -> ApiError:
    """The sandbox itself failed."""
    return ApiError(
        "InternalError",
        "An internal error has occurred: the sandbox failed; its log has the traceback.",
        "内部错误：沙箱发生故障，详情见其日志。",
    )


def dry_run_passed() -> ApiError:
    """How an action answers a dry run whose request would have passed."""
    return ApiError(
        "DryRunOperation",
        "The request would have succeeded, but it has DryRun.",
        "请求将会成功，只是多传了 DryRun 参数。",
    )
