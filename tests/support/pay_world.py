"""A small 微信支付 in memory, for what needs thousands of seeded mishaps on a clock that stands still.

It keeps the documented rules of orders, refunds, notifications and bills, verifies every request and signs
every answer. Faults are asked for by name before each call. The wire itself is tested elsewhere, against
the sandbox.
"""

import base64
import gzip
import hashlib
import json
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from quanyu.kernel.clock import Clock
from quanyu.wechat.errors import NotSent, OutcomeUnknown
from quanyu.wechat.transport import Received
from support.pay_bills import fund_bill, trade_bill
from support.pay_keys import API_V3_KEY, MCH_ID, PUBLIC_KEY_ID, SERIAL_NO, certificate_pem, private_key

CHINA = timezone(timedelta(hours=8))
# What may happen to a call, beside what should.
KILLS = ("kill", "kill_after")
FAULTS = ("not_sent", "lost", "lost_after", "trouble", "trouble_after", "unsigned", "limited")
RETRIES_S = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)
_AUTHORIZATION = re.compile(r'(\w+)="([^"]*)"')


@dataclass
class Order:
    body: dict[str, Any]
    kind: str
    made_at: datetime
    expires_at: datetime
    state: str = "NOTPAY"
    transaction_id: str = ""
    paid_at: datetime | None = None
    refunded: int = 0

    @property
    def total(self) -> int:
        return int(self.body["amount"]["total"])


@dataclass
class Refund:
    body: dict[str, Any]
    refund_id: str
    order: Order
    made_at: datetime
    ends_at: datetime
    status: str = "PROCESSING"
    ended_at: datetime | None = None
    ending: str = "SUCCESS"


@dataclass
class Notice:
    """A notification on its way: delivered until it is answered with success."""

    url: str
    envelope: dict[str, Any]
    due_at: datetime
    attempts: int = 0


@dataclass
class Line:
    at: datetime
    number: str
    amount: int
    order: Order
    refund: Refund | None = None


class Killed(BaseException):
    """The process that made the call is no more."""


class Refused(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


def _no_fault(method: str, path: str) -> str:
    return ""


@dataclass
class PayWorld:
    """The platform, as one merchant sees it; used in place of a transport."""

    clock: Clock
    signs_with: str = "public_key"  # Or the name of a platform certificate's key.
    fault: Callable[[str, str], str] = _no_fault
    balance: int = 10**9
    orders: dict[str, Order] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    ledger: list[Line] = field(default_factory=list)
    certificates: dict[str, str] = field(default_factory=dict)  # Name of the key to serial, in hexadecimal.
    calls: list[tuple[str, str]] = field(default_factory=list)
    refund_takes: timedelta = timedelta(minutes=2)
    refund_ending: Callable[[], str] = lambda: "SUCCESS"
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10**9)))
    extra_lines: list[str] = field(default_factory=list)

    # -- what a client's transport does ------------------------------------------------------------

    async def exchange(
        self,
        method: str,
        base_url: str,
        path: str,
        *,
        query: Mapping[str, str],
        body: bytes | None,
        content_type: str = "application/json",
        carries_file: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Received:
        """Take one call, with whatever fault is its due."""
        fault = self.fault(method, path)
        if fault == "kill":
            raise Killed
        if fault == "not_sent":
            raise NotSent(f"{path}: no connection")
        if fault == "lost":
            raise OutcomeUnknown(f"{path}: no answer")
        if fault == "trouble":
            return self._answer(500, {"code": "SYSTEM_ERROR", "message": "系统错误"})
        if fault == "limited":
            return self._answer(429, {"code": "FREQUENCY_LIMITED", "message": "频率超限"})
        self.settle()
        self.calls.append((method, path))
        target = f"{path}?{urlencode(query)}" if query else path
        answer = self._take(method, target, dict(query), body or b"", dict(headers or {}), content_type)
        if fault == "kill_after":
            raise Killed
        if fault == "lost_after":
            raise OutcomeUnknown(f"{path}: the answer was lost")
        if fault == "trouble_after":
            return self._answer(500, {"code": "SYSTEM_ERROR", "message": "系统错误"})
        if fault == "unsigned":
            return Received(answer.status, answer.content, answer.content_type)
        return answer

    async def download(
        self, url: str, *, headers: Mapping[str, str], write: Callable[[bytes], object], bytes_max: int
    ) -> Received:
        """Hand out a bill, in pieces."""
        fault = self.fault("GET", "/v3/billdownload/file")
        if fault in KILLS:
            raise Killed
        if fault:
            raise OutcomeUnknown("the file was cut short")
        query = dict(parse_qsl(url.partition("?")[2]))
        kind, _, day = query["token"].partition("-")
        content = self.bill(kind, date.fromisoformat(day))
        packed = gzip.compress(content) if query.get("tartype") == "gzip" else content
        for at in range(0, len(packed), 1000):
            write(packed[at : at + 1000])
        return Received(200, b"")

    # -- what people and time do -------------------------------------------------------------------

    def pay(self, out_trade_no: str) -> bool:
        """Let the person pay; false if the order cannot be paid any more."""
        self.settle()
        order = self.orders.get(out_trade_no)
        if order is None or order.state != "NOTPAY":
            return False
        order.state, order.paid_at = "SUCCESS", self.clock.now()
        order.transaction_id = f"4200{next(self.numbers):024d}"
        self.ledger.append(Line(order.paid_at, order.transaction_id, order.total, order))
        self._notify(order.body["notify_url"], "TRANSACTION.SUCCESS", "transaction", self.transaction(order))
        return True

    def settle(self) -> None:
        """Let pass what the time brings: orders expire, refunds end."""
        now = self.clock.now()
        for order in self.orders.values():
            if order.state == "NOTPAY" and order.expires_at <= now:
                order.state = "CLOSED"
        for refund in self.refunds.values():
            if refund.status == "PROCESSING" and refund.ends_at <= now:
                self._end(refund)

    def _end(self, refund: Refund) -> None:
        refund.status, refund.ended_at = refund.ending, refund.ends_at
        amount = int(refund.body["amount"]["refund"])
        if refund.status == "SUCCESS":
            self.ledger.append(Line(refund.ended_at, refund.refund_id, -amount, refund.order, refund))
        elif refund.status == "CLOSED":
            refund.order.refunded -= amount
        if url := refund.body.get("notify_url"):
            self._notify(url, f"REFUND.{refund.status}", "refund", self._refund_notice(refund))

    # -- notifications -----------------------------------------------------------------------------

    def _notify(self, url: str, event: str, kind: str, content: dict[str, Any]) -> None:
        envelope = {
            "id": secrets.token_hex(16),
            "create_time": _rfc(self.clock.now()),
            "resource_type": "encrypt-resource",
            "event_type": event,
            "summary": "…",
            "resource": self.seal(content, kind),
        }
        self.notices.append(Notice(url, envelope, self.clock.now()))

    @staticmethod
    def seal(content: dict[str, Any], kind: str, key: str = API_V3_KEY) -> dict[str, str]:
        nonce = secrets.token_hex(6)
        cipher = AESGCM(key.encode()).encrypt(nonce.encode(), json.dumps(content).encode(), kind.encode())
        return {
            "original_type": kind,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": base64.b64encode(cipher).decode(),
            "associated_data": kind,
            "nonce": nonce,
        }

    def signed_headers(
        self, body: bytes, *, key: str = "", at: datetime | None = None, serial: str = ""
    ) -> dict[str, str]:
        """Return the headers of an answer or a notification; ``key`` signs instead of the platform's own."""
        timestamp = str(int((at or self.clock.now()).timestamp()))
        nonce = secrets.token_hex(16)
        message = f"{timestamp}\n{nonce}\n".encode() + body + b"\n"
        signature = private_key(key or self.signs_with).sign(message, padding.PKCS1v15(), hashes.SHA256())
        named = (
            PUBLIC_KEY_ID if self.signs_with == "public_key" else self.certificates.get(self.signs_with, "0")
        )
        return {
            "wechatpay-timestamp": timestamp,
            "wechatpay-nonce": nonce,
            "wechatpay-signature": base64.b64encode(signature).decode(),
            "wechatpay-signature-type": "WECHATPAY2-SHA256-RSA2048",
            "wechatpay-serial": serial or named,
            "request-id": f"08F5-{next(self.numbers)}-0",
        }

    def due_notices(self) -> list[Notice]:
        """Return what is to be delivered now."""
        self.settle()
        now = self.clock.now()
        return [one for one in self.notices if one.due_at <= now]

    def answered(self, notice: Notice, status: int) -> None:
        """Note how a delivery was answered: success ends it, else it comes again, 15 times."""
        if status in (200, 204) or notice.attempts >= len(RETRIES_S):
            self.notices.remove(notice)
            return
        notice.due_at = self.clock.now() + timedelta(seconds=RETRIES_S[notice.attempts])
        notice.attempts += 1

    # -- calls -------------------------------------------------------------------------------------

    def _answer(self, status: int, fields: Any = None) -> Received:
        content = b"" if fields is None else json.dumps(fields, ensure_ascii=False).encode()
        return Received(status, content, "application/json", headers=self.signed_headers(content))

    def _take(
        self,
        method: str,
        target: str,
        query: dict[str, str],
        body: bytes,
        headers: dict[str, str],
        content_type: str,
    ) -> Received:
        try:
            signed = _meta_of(body) if content_type.startswith("multipart/") else body
            self._check_signature(method, target, signed, headers.get("Authorization", ""))
            fields = json.loads(body) if body and not content_type.startswith("multipart/") else {}
            return self._route(method, unquote(target.partition("?")[0]), query, fields)
        except Refused as refused:
            return self._answer(refused.status, {"code": refused.code, "message": refused.code.lower()})

    def _check_signature(self, method: str, target: str, body: bytes, header: str) -> None:
        scheme, _, rest = header.partition(" ")
        said = dict(_AUTHORIZATION.findall(rest))
        if scheme != "WECHATPAY2-SHA256-RSA2048" or said["serial_no"] != SERIAL_NO:
            raise Refused(401, "SIGN_ERROR")
        if said["mchid"] != MCH_ID or abs(self.clock.now().timestamp() - int(said["timestamp"])) > 300:
            raise Refused(401, "SIGN_ERROR")
        message = f"{method}\n{target}\n{said['timestamp']}\n{said['nonce_str']}\n".encode() + body + b"\n"
        try:
            private_key("merchant").public_key().verify(
                base64.b64decode(said["signature"]), message, padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature as error:
            raise Refused(401, "SIGN_ERROR") from error

    def _route(self, method: str, path: str, query: dict[str, str], fields: dict[str, Any]) -> Received:
        if path == "/v3/certificates":
            return self._answer(200, {"data": [self._certificate(name) for name in self.certificates]})
        if found := re.fullmatch(r"/v3/pay/transactions/(jsapi|app|h5|native)", path):
            return self._create(found[1], fields)
        if found := re.fullmatch(r"/v3/pay/transactions/out-trade-no/([^/]+)(/close)?", path):
            return self._close(found[1]) if found[2] else self._query(found[1])
        if path == "/v3/refund/domestic/refunds":
            return self._refund(fields)
        if found := re.fullmatch(r"/v3/refund/domestic/refunds/([^/]+)", path):
            if found[1] not in self.refunds:
                raise Refused(404, "RESOURCE_NOT_EXISTS")
            return self._answer(200, self._refund_object(self.refunds[found[1]]))
        if found := re.fullmatch(r"/v3/refund/domestic/refunds/([^/]+)/apply-abnormal-refund", path):
            return self._reroute(self.refunds[fields["out_refund_no"]])
        if found := re.fullmatch(r"/v3/bill/(trade|fundflow)bill", path):
            return self._announce(found[1], query)
        raise Refused(404, "NOT_FOUND")

    def _certificate(self, name: str) -> dict[str, Any]:
        serial = self.certificates[name]
        start = self.clock.now() - timedelta(days=1)
        pem = certificate_pem(name, serial=int(serial, 16), start=start)
        nonce = secrets.token_hex(6)
        cipher = AESGCM(API_V3_KEY.encode()).encrypt(nonce.encode(), pem.encode(), b"certificate")
        return {
            "serial_no": serial,
            "effective_time": _rfc(start),
            "expire_time": _rfc(start + timedelta(days=1825)),
            "encrypt_certificate": {
                "algorithm": "AEAD_AES_256_GCM",
                "nonce": nonce,
                "associated_data": "certificate",
                "ciphertext": base64.b64encode(cipher).decode(),
            },
        }

    def _create(self, kind: str, fields: dict[str, Any]) -> Received:
        number = fields["out_trade_no"]
        known = self.orders.get(number)
        if known is not None:
            if known.body != fields:
                raise Refused(400, "INVALID_REQUEST")
            if known.state == "CLOSED":
                raise Refused(400, "ORDER_CLOSED")
            if known.state != "NOTPAY":
                raise Refused(400, "ORDER_PAID")
        else:
            now = self.clock.now()
            expires = fields.get("time_expire")
            ends_at = datetime.fromisoformat(expires) if expires else now + timedelta(days=7)
            if ends_at <= now:
                raise Refused(400, "PARAM_ERROR")
            self.orders[number] = Order(fields, kind, now, ends_at)
        token = secrets.token_hex(17)
        said = {
            "h5": {"h5_url": f"https://wx.tenpay.com/h5?prepay_id=wx{token}"},
            "native": {"code_url": f"weixin://wxpay/bizpayurl?pr={token[:9]}"},
        }
        return self._answer(200, said.get(kind, {"prepay_id": f"wx{token}"}))

    def _query(self, number: str) -> Received:
        if number not in self.orders:
            raise Refused(404, "ORDER_NOT_EXIST")
        return self._answer(200, self.transaction(self.orders[number]))

    def _close(self, number: str) -> Received:
        order = self.orders.get(number)
        if order is None:
            raise Refused(404, "ORDER_NOT_EXIST")
        if order.state in ("SUCCESS", "REFUND"):
            raise Refused(400, "ORDER_PAID")
        order.state = "CLOSED"
        return self._answer(204)

    def _refund(self, fields: dict[str, Any]) -> Received:
        number = fields["out_refund_no"]
        known = self.refunds.get(number)
        if known is not None:
            if known.body != fields:
                raise Refused(400, "INVALID_REQUEST")
            return self._answer(200, self._refund_object(known))
        order = self.orders.get(fields.get("out_trade_no", "")) or self._by_id(fields.get("transaction_id"))
        if order is None:
            raise Refused(404, "RESOURCE_NOT_EXISTS")
        amount = int(fields["amount"]["refund"])
        if order.paid_at is None or fields["amount"]["total"] != order.total:
            raise Refused(400, "INVALID_REQUEST")
        if order.refunded + amount > order.total:
            raise Refused(400, "INVALID_REQUEST")
        if amount > self.balance:
            raise Refused(403, "NOT_ENOUGH")
        order.refunded, order.state = order.refunded + amount, "REFUND"
        now = self.clock.now()
        refund = Refund(
            fields,
            f"503{next(self.numbers):026d}",
            order,
            now,
            now + self.refund_takes,
            ending=self.refund_ending(),
        )
        self.refunds[number] = refund
        return self._answer(200, self._refund_object(refund))

    def _reroute(self, refund: Refund) -> Received:
        if refund.status != "ABNORMAL":
            raise Refused(400, "INVALID_REQUEST")
        refund.status, refund.ended_at, refund.ending = "PROCESSING", None, "SUCCESS"
        refund.ends_at = self.clock.now() + self.refund_takes
        return self._answer(200, self._refund_object(refund))

    def _by_id(self, transaction_id: str | None) -> Order | None:
        return next(
            (
                one
                for one in self.orders.values()
                if one.transaction_id and one.transaction_id == transaction_id
            ),
            None,
        )

    # -- objects and files -------------------------------------------------------------------------

    def transaction(self, order: Order) -> dict[str, Any]:
        said: dict[str, Any] = {
            "appid": order.body["appid"],
            "mchid": order.body["mchid"],
            "out_trade_no": order.body["out_trade_no"],
            "trade_state": order.state,
            "trade_state_desc": order.state,
            "amount": {"total": order.total, "currency": "CNY"},
        }
        if order.paid_at is not None:
            said |= {
                "transaction_id": order.transaction_id,
                "trade_type": {"jsapi": "JSAPI", "h5": "MWEB"}.get(order.kind, order.kind.upper()),
                "bank_type": "OTHERS",
                "success_time": _rfc(order.paid_at),
                "payer": {"openid": order.body.get("payer", {}).get("openid", "oNobodyKnown")},
            }
            said["amount"] |= {"payer_total": order.total, "payer_currency": "CNY"}
        return said

    def _refund_object(self, refund: Refund) -> dict[str, Any]:
        amount = refund.body["amount"]
        said = {
            "refund_id": refund.refund_id,
            "out_refund_no": refund.body["out_refund_no"],
            "transaction_id": refund.order.transaction_id,
            "out_trade_no": refund.order.body["out_trade_no"],
            "channel": "ORIGINAL",
            "user_received_account": "支付用户零钱",
            "create_time": _rfc(refund.made_at),
            "status": refund.status,
            "amount": {**amount, "payer_total": amount["total"], "payer_refund": amount["refund"]},
        }
        return said | ({"success_time": _rfc(refund.ended_at)} if refund.ended_at else {})

    def _refund_notice(self, refund: Refund) -> dict[str, Any]:
        said = self._refund_object(refund)
        said["refund_status"] = said.pop("status")
        return said | {"mchid": MCH_ID}

    def _announce(self, kind: str, query: dict[str, str]) -> Received:
        day = date.fromisoformat(query["bill_date"])
        now = self.clock.now().astimezone(CHINA)
        if now < datetime(day.year, day.month, day.day, 10, tzinfo=CHINA) + timedelta(days=1):
            raise Refused(400, "STATEMENT_CREATING")
        if not list(self._lines(day)):
            raise Refused(400, "NO_STATEMENT_EXIST")
        tar = "gzip" if query.get("tar_type") == "GZIP" else ""
        token = urlencode({"token": f"{kind}-{day}", "tartype": tar})
        url = f"https://api.mch.weixin.qq.com/v3/billdownload/file?{token}"
        digest = hashlib.sha1(self.bill(kind, day)).hexdigest()
        return self._answer(200, {"hash_type": "SHA1", "hash_value": digest, "download_url": url})

    def _lines(self, day: date) -> Iterator[Line]:
        self.settle()
        return (one for one in self.ledger if one.at.astimezone(CHINA).date() == day)

    def bill(self, kind: str, day: date) -> bytes:
        """Write the bill of a day."""
        lines = list(self._lines(day))
        texts = trade_bill(lines, self.extra_lines) if kind == "trade" else fund_bill(lines)
        return ("\ufeff" + "\r\n".join(texts) + "\r\n").encode()


def _rfc(at: datetime) -> str:
    return at.astimezone(CHINA).isoformat(timespec="seconds")


def _meta_of(body: bytes) -> bytes:
    found = re.search(rb'name="meta"\r\nContent-Type: application/json\r\n\r\n(.*?)\r\n--', body, re.S)
    assert found, body[:300]
    return found[1]
