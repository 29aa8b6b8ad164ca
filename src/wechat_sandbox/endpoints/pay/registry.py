"""Which calls WeChat Pay takes, and what each of them wants."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wechat_sandbox.state.pay.merchants import Merchant
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.wire.multipart import Upload
from wechat_sandbox.wire.pay import crypto
from wechat_sandbox.wire.pay.errors import PayError, param_error
from wechat_sandbox.wire.pay.fields import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most so many accepted calls in so many seconds, for each merchant."""

    calls: int
    seconds: int = 1
    code: str = "FREQUENCY_LIMITED"


@dataclass(slots=True, kw_only=True)
class PayCall:
    """One verified call as an endpoint sees it."""

    pay: Pay
    merchant: Merchant
    params: Mapping[str, str]  # Of the path.
    query: Mapping[str, str]
    body: dict[str, Any]
    at: float
    base_url: str = ""  # Under which the caller reached the platform.
    serial: str = ""  # Which key the sensitive fields are encrypted with.
    idempotency_key: str = ""
    file: Upload | None = None

    def secret(self, name: str, text: str | None) -> str:
        """Return a sensitive field in clear, empty when it is absent.

        Raises:
            PayError: encrypted for another key, or the header does not say for which.
        """
        if not text:
            return ""
        signer = self.pay.platform.find(self.serial, self.at)
        if signer is None:
            raise PayError("PARAM_ERROR", "请求头 Wechatpay-Serial 缺失或不是当前的平台证书、公钥")
        try:
            return crypto.decrypt_field(signer.private_key_pem, text)
        except crypto.CannotDecrypt as error:
            raise param_error(f"/body/{name}", None, "敏感信息解密失败") from error

    def seal(self, text: str) -> str:
        """Encrypt a sensitive field of the answer for the merchant."""
        keys = self.pay.merchants.keys(self.merchant, self.at)
        return crypto.encrypt_field(keys.certificate_pem, text)

    def number(self, name: str, default: int | None = None, *, low: int = 0, high: int = 10**9) -> int:
        """Return a whole number of the query."""
        text = self.query.get(name)
        if text is None and default is not None:
            return default
        if text is None or not text.isdecimal():
            raise param_error(f"/query/{name}", text, "此字段为必填项" if text is None else "类型应为整数")
        if not low <= int(text) <= high:
            raise param_error(f"/query/{name}", text, f"应在 {low} 与 {high} 之间")
        return int(text)

    def needed(self, name: str) -> str:
        """Return a text of the query that must be there."""
        text = self.query.get(name, "")
        if not text:
            raise param_error(f"/query/{name}", None, "此字段为必填项")
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """An answer that is a file and not signed."""

    content: bytes
    content_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An answer with another status than 200."""

    status: int
    body: Mapping[str, Any]


Answer = Mapping[str, Any] | File | Accepted | None  # None: 204 without a body.
PayHandler = Callable[[PayCall], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayEndpoint:
    """One declared call."""

    method: str
    template: str
    handler: PayHandler
    fields: Fields | None = None  # None: no body is looked at.
    limit: Limit | None = None
    is_upload: bool = False
    pattern: re.Pattern[str] = field(compare=False)

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"


class PayRegistry:
    """All declared calls."""

    def __init__(self) -> None:
        self._by_length: dict[int, list[PayEndpoint]] = {}

    def get(self, template: str, *, limit: Limit | None = None) -> Callable[[PayHandler], PayHandler]:
        return self._declare("GET", template, None, limit)

    def post(
        self,
        template: str,
        fields: Fields | None = None,
        *,
        limit: Limit | None = None,
        is_upload: bool = False,
    ) -> Callable[[PayHandler], PayHandler]:
        return self._declare("POST", template, fields, limit, is_upload=is_upload)

    def put(self, template: str, fields: Fields) -> Callable[[PayHandler], PayHandler]:
        return self._declare("PUT", template, fields, None)

    def patch(self, template: str, fields: Fields) -> Callable[[PayHandler], PayHandler]:
        return self._declare("PATCH", template, fields, None)

    def delete(self, template: str, fields: Fields | None = None) -> Callable[[PayHandler], PayHandler]:
        return self._declare("DELETE", template, fields, None)

    def find(self, method: str, path: str) -> tuple[PayEndpoint, dict[str, str]] | None:
        """Return the call and what stands in its path; fixed paths win over those with a place holder."""
        for endpoint in self._by_length.get(path.count("/"), ()):
            if endpoint.method == method and (found := endpoint.pattern.fullmatch(path)):
                return endpoint, found.groupdict()
        return None

    def listing(self) -> list[tuple[str, str]]:
        """Return (verb, path) of everything."""
        every = [one for listed in self._by_length.values() for one in listed]
        return sorted(((one.method, one.template) for one in every), key=lambda pair: (pair[1], pair[0]))

    def _declare(
        self,
        method: str,
        template: str,
        fields: Fields | None,
        limit: Limit | None,
        *,
        is_upload: bool = False,
    ) -> Callable[[PayHandler], PayHandler]:
        def keep(handler: PayHandler) -> PayHandler:
            listed = self._by_length.setdefault(template.count("/"), [])
            if any((one.method, one.template) == (method, template) for one in listed):
                raise ValueError(f"{method} {template} is declared twice")
            pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))
            listed.append(
                PayEndpoint(
                    method=method,
                    template=template,
                    handler=handler,
                    fields=fields,
                    limit=limit,
                    is_upload=is_upload,
                    pattern=pattern,
                )
            )
            listed.sort(key=lambda one: one.template.count("{"))
            return handler

        return keep


PAY = PayRegistry()
