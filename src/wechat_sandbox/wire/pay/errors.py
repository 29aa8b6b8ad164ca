"""Refusals of WeChat Pay v3: codes, HTTP statuses, texts and the number behind ``Request-ID``.

Source: common error tables and the numeric reasons of the official troubleshooting guide (2026-04).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class _Code:
    status: int
    message: str
    reason: int


_CODES = {
    "PARAM_ERROR": _Code(400, "参数错误", 268435461),
    "INVALID_REQUEST": _Code(400, "请求不符合业务规则", 268435462),
    "APPID_MCHID_NOT_MATCH": _Code(400, "appid 与商户号没有绑定关系", 268445527),
    "ORDER_CLOSED": _Code(400, "订单已关闭", 268447914),
    "ORDER_PAID": _Code(400, "订单已支付", 268449538),
    "ORDER_REVERSED": _Code(400, "订单已撤销", 268447915),
    "ALREADY_EXISTS": _Code(400, "单号已存在", 268435465),
    "RESOURCE_ALREADY_EXISTS": _Code(400, "资源已存在", 268435466),
    "NO_STATEMENT_EXIST": _Code(400, "账单不存在", 268435467),
    "STATEMENT_CREATING": _Code(400, "账单生成中,请稍后再试", 268435468),
    "AUTH_CODE_INVALID": _Code(400, "付款码无效", 268435469),
    "SIGN_ERROR": _Code(401, "签名错误", 268443699),
    "NO_AUTH": _Code(403, "商户没有此接口的权限", 268443716),
    "RULE_LIMIT": _Code(403, "受业务规则限制", 268443717),
    "NOT_ENOUGH": _Code(403, "资金不足", 268443718),
    "OUT_TRADE_NO_USED": _Code(403, "商户订单号重复", 268498689),
    "ACCOUNT_ERROR": _Code(403, "账户异常", 268443719),
    "USER_ACCOUNT_ABNORMAL": _Code(403, "用户账户异常", 268443720),
    "REQUEST_BLOCKED": _Code(403, "请求被拦截", 268443721),
    "AUTH_CODE_EXPIRE": _Code(403, "付款码已过期", 268443722),
    "ORDER_NOT_EXIST": _Code(404, "订单不存在", 268512771),
    "RESOURCE_NOT_EXISTS": _Code(404, "资源不存在", 268512772),
    "MCH_NOT_EXISTS": _Code(404, "商户号不存在", 268512773),
    "USER_NOT_EXISTS": _Code(404, "用户不存在", 268512774),
    "NOT_FOUND": _Code(404, "记录不存在", 268512775),
    "FREQUENCY_LIMITED": _Code(429, "频率超限,请降低请求频率后原单重试", 268447840),
    "RATELIMIT_EXCEEDED": _Code(429, "频率超限,请降低请求频率后原单重试", 268447840),
    "SYSTEM_ERROR": _Code(500, "系统异常,请用相同参数重试", 268435457),
    "BANK_ERROR": _Code(500, "银行系统异常", 268435458),
    "OPENID_MISMATCH": _Code(500, "openid 与 appid 不匹配", 268435459),
}  # fmt: skip

# Reasons that are not the usual one of their code.
UNKNOWN_FIELD = 270924358
OUT_OF_RANGE = 268435464
NO_OPENID = 268501013
OTHER_PARAMETERS = 268498688
CODES = frozenset(_CODES)
SUCCESS_REASON = 0


class PayError(Exception):
    """The platform refuses a call of WeChat Pay; nothing took effect."""

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        detail: Mapping[str, Any] | None = None,
        reason: int | None = None,
        status: int | None = None,
    ) -> None:
        known = _CODES[code]
        super().__init__(code, message)
        self.code = code
        self.message = message or known.message
        self.detail = detail
        self.reason = known.reason if reason is None else reason
        self.status = known.status if status is None else status

    def body(self) -> dict[str, Any]:
        """Return the error body."""
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        return body if self.detail is None else body | {"detail": dict(self.detail)}


def param_error(at: str, value: Any, issue: str, *, reason: int | None = None) -> PayError:
    """Return the refusal of one field; ``at`` is its JSON pointer below the body."""
    where, pointer = ("query", at[6:]) if at.startswith("/query") else ("body", at.removeprefix("/body"))
    detail = {"location": where, "field": pointer, "value": value, "issue": issue}
    return PayError("PARAM_ERROR", f"输入源“{at}”不符合规则:{issue}", detail=detail, reason=reason)
