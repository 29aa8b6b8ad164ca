"""How a call of WeChat Pay is checked, dispatched and signed.

Order of the checks: route, Authorization, scheme, time, serial number, signature, JSON, declared fields,
undeclared fields, the endpoint's own rules.
"""

import hashlib
import secrets
from typing import Any
from urllib.parse import unquote

import msgspec

from wechat_sandbox.clock import Clock
from wechat_sandbox.endpoints.pay.registry import (
    PAY,
    Accepted,
    Answer,
    File,
    PayCall,
    PayEndpoint,
    PayRegistry,
)
from wechat_sandbox.endpoints.registry import Reply, Request
from wechat_sandbox.hosts import PLATFORM_HOSTS
from wechat_sandbox.pace import PaceBook
from wechat_sandbox.state.pay.merchants import Merchant, Verification
from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.wire.multipart import InvalidMultipart, Upload, is_multipart, parse_form
from wechat_sandbox.wire.pay import crypto, signing
from wechat_sandbox.wire.pay.errors import SUCCESS_REASON, PayError
from wechat_sandbox.wire.pay.fields import Text, check

PREFIX = "/v3/"
CLOCK_S = 300.0
JSON_TYPE = "application/json; charset=utf-8"
_META = {"filename!": Text(max=255), "sha256!": Text(min=64, max=64)}


class PayDesk:
    """Answers the calls of merchants."""

    def __init__(self, pay: Pay, clock: Clock, registry: PayRegistry = PAY) -> None:
        self.pay = pay
        self.clock = clock
        self.registry = registry
        self.paces = PaceBook()
        self.calls: dict[str, int] = {}
        self.errors: dict[str, int] = {}

    def answer(self, request: Request) -> Reply:
        """Return what the platform answers, signed unless it is a file."""
        at = self.clock.now()
        self.pay.advance(at)
        merchant = self.find_merchant(request)
        try:
            return self._reply(request, merchant, at, self._run(request, at))
        except PayError as error:
            return self.refuse(error, request)

    def refuse(self, error: PayError, request: Request) -> Reply:
        """Return an error answer, and count it."""
        name = f"{request.path} {error.code}"
        if name in self.errors or len(self.errors) < 1000:
            self.errors[name] = self.errors.get(name, 0) + 1
        body = msgspec.json.encode(error.body())
        headers = self._signed(request, self.find_merchant(request), self.clock.now(), body)
        return Reply(
            body=body,
            status=error.status,
            content_type=JSON_TYPE,
            headers=headers | {"Request-ID": _request_id(error.reason)},
        )

    def owner_of(self, request: Request) -> str:
        """Return the merchant a call names."""
        merchant = self.find_merchant(request)
        return merchant.mchid if merchant else ""

    def find_merchant(self, request: Request) -> Merchant | None:
        """Return the merchant a request says it is from."""
        try:
            named = signing.read_authorization(request.headers.get("Authorization", ""))
        except signing.Malformed:
            return None
        return self.pay.merchants.find(named.mchid)

    def _run(self, request: Request, at: float) -> Answer:
        found = self.registry.find(request.method, request.url.partition("?")[0])
        if found is None:
            raise PayError("NOT_FOUND", "请求的接口不存在")
        endpoint, params = found
        self.calls[endpoint.name] = self.calls.get(endpoint.name, 0) + 1
        if not request.headers.get("User-Agent") or not request.headers.get("Accept"):
            raise PayError("PARAM_ERROR", "请求头缺少 Accept 或 User-Agent")
        body, signed, file = _read(endpoint, request)
        merchant = self._check_signature(request, signed, at)
        call = PayCall(
            pay=self.pay,
            merchant=merchant,
            params={name: unquote(value) for name, value in params.items()},
            query=request.query,
            body=self._parse(endpoint, body, file),
            at=at,
            base_url=self._base_url(request),
            serial=request.headers.get("Wechatpay-Serial", ""),
            idempotency_key=request.headers.get("Idempotency-Key", ""),
            file=file,
        )
        self._check_pace(endpoint, merchant, at)
        return endpoint.handler(call)

    def _base_url(self, request: Request) -> str:
        """Return the address a download begins with: the one the caller knows."""
        name = request.headers.get("Host", "").partition(":")[0].lower()
        return f"https://{name}" if name in PLATFORM_HOSTS else self.pay.world.public_url

    def _check_signature(self, request: Request, signed: bytes, at: float) -> Merchant:
        try:
            given = signing.read_authorization(request.headers.get("Authorization", ""))
        except signing.Malformed as error:
            raise PayError("SIGN_ERROR", "Http头Authorization值格式错误") from error
        if given.scheme != signing.SCHEME:
            raise PayError("SIGN_ERROR", "Http头Authorization认证类型不正确")
        # At a fast virtual clock the way alone takes long.
        if abs(at - int(given.timestamp)) > CLOCK_S * max(1.0, self.clock.rate):
            raise PayError("SIGN_ERROR", "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟")
        merchant = self.pay.merchants.find(given.mchid)
        keys = merchant.keys if merchant else None
        if merchant is None or keys is None or keys.serial_no != given.serial_no.upper():
            raise PayError("SIGN_ERROR", "商户证书序列号有误")
        if merchant.is_revoked:
            raise PayError("SIGN_ERROR", "商户证书已被吊销")
        if at > keys.expires_at:
            raise PayError("SIGN_ERROR", "商户证书已过期")
        message = signing.request_message(
            request.method, request.url, given.timestamp, given.nonce_str, signed
        )
        if not crypto.verifies(keys.certificate_pem, message, given.signature):
            detail = signing.mismatch_detail(request.method, request.url, message, signed)
            raise PayError("SIGN_ERROR", "签名错误,请检查后再试", detail=detail)
        return merchant

    def _parse(self, endpoint: PayEndpoint, body: bytes, file: Upload | None) -> dict[str, Any]:
        if endpoint.fields is None and not endpoint.is_upload:
            return {}
        try:
            parsed = msgspec.json.decode(body or b"{}")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise PayError("PARAM_ERROR", "无法解析请求的 JSON", detail={"location": "body"}) from error
        if not isinstance(parsed, dict):
            raise PayError("PARAM_ERROR", "请求的 JSON 不是对象", detail={"location": "body"})
        check(_META if endpoint.is_upload else endpoint.fields or {}, parsed)
        if file is not None and hashlib.sha256(file.content).hexdigest() != parsed["sha256"].lower():
            raise PayError("PARAM_ERROR", "文件的 sha256 与 meta 中的不一致")
        return parsed

    def _check_pace(self, endpoint: PayEndpoint, merchant: Merchant, at: float) -> None:
        limit = endpoint.limit
        key = f"{merchant.mchid} {endpoint.name}"
        if limit and not self.paces.takes(key, at=at, seconds=limit.seconds, limit=limit.calls):
            raise PayError(limit.code)

    def _reply(self, request: Request, merchant: Merchant | None, at: float, answer: Answer) -> Reply:
        reason = {"Request-ID": _request_id(SUCCESS_REASON)}
        if isinstance(answer, File):
            return Reply(body=answer.content, content_type=answer.content_type, headers=reason)
        status, content = 200, answer
        if isinstance(answer, Accepted):
            status, content = answer.status, answer.body
        body = b"" if content is None else msgspec.json.encode(content)
        headers = self._signed(request, merchant, at, body) | reason
        return Reply(
            body=body, status=204 if content is None else status, content_type=JSON_TYPE, headers=headers
        )

    def _signed(self, request: Request, merchant: Merchant | None, at: float, body: bytes) -> dict[str, str]:
        """Return the headers by which an answer is verified."""
        by_public_key = request.headers.get("Wechatpay-Serial", "").startswith("PUB_KEY_ID_") or (
            merchant is not None and merchant.verification is Verification.PUBLIC_KEY
        )
        signer = self.pay.platform.signer(at, public_key=by_public_key)
        return signature_headers(signer.serial, signer.private_key_pem, at, body)


def signature_headers(serial: str, private_key_pem: str, at: float, body: bytes) -> dict[str, str]:
    """Return the five headers of a signed answer or callback."""
    timestamp, nonce = str(int(at)), secrets.token_hex(16)
    return {
        "Wechatpay-Nonce": nonce,
        "Wechatpay-Signature": crypto.sign(private_key_pem, signing.answer_message(timestamp, nonce, body)),
        "Wechatpay-Signature-Type": crypto.SIGNATURE_TYPE,
        "Wechatpay-Serial": serial,
        "Wechatpay-Timestamp": timestamp,
    }


def _read(endpoint: PayEndpoint, request: Request) -> tuple[bytes, bytes, Upload | None]:
    """Return the JSON, what of the body is signed, and the file of an upload."""
    if not endpoint.is_upload:
        return request.raw, request.raw, None
    if not is_multipart(request.content_type):
        raise PayError("PARAM_ERROR", "请以 multipart/form-data 上传")
    try:
        form = parse_form(_with_boundary(request), request.raw)
    except InvalidMultipart as error:
        raise PayError("PARAM_ERROR", "无法解析上传的表单") from error
    meta = form.texts.get("meta")
    if meta is None and "meta" in form.files:
        meta = form.files["meta"].content.decode(errors="replace")
    file = form.files.get("file")
    if meta is None or file is None:
        raise PayError("PARAM_ERROR", "上传的表单缺少 meta 或 file")
    return meta.encode(), meta.encode(), file


def _with_boundary(request: Request) -> str:
    """Return the type of a form; a client that names no boundary shows it in the first line."""
    if "boundary=" in request.content_type:
        return request.content_type
    mark = request.raw.partition(b"\r\n")[0].removeprefix(b"--").decode(errors="replace")
    return f'{request.content_type}; boundary="{mark}"'


def _request_id(reason: int) -> str:
    return f"08{secrets.token_hex(12).upper()}-{reason}"
