"""A merchant's side of the wire, for these tests alone: signs calls, verifies what comes back."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from yarl import URL

from contract.sandbox.rig import Rig

OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA1()), algorithm=hashes.SHA1(), label=None)
PAYER = 3


@dataclass
class Answer:
    """An answer whose signature held."""

    status: int
    headers: Any
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def code(self) -> str:
        return str(self.json["code"])

    @property
    def reason(self) -> int:
        """The number at the end of the request id."""
        return int(self.headers["Request-ID"].rpartition("-")[2])


class Merchant:
    """One merchant of a running sandbox."""

    def __init__(self, rig: Rig, facts: dict[str, Any]) -> None:
        self.rig = rig
        self.facts = facts
        self.mchid: str = facts["mchid"]
        self.appid = rig.account.appid
        key = serialization.load_pem_private_key(facts["private_key_pem"].encode(), None)
        assert isinstance(key, rsa.RSAPrivateKey)
        self.key = key

    async def call(
        self,
        method: str,
        url: str,
        body: Any = None,
        *,
        public_key: bool = False,
        verify: bool = True,
        headers: dict[str, str] | None = None,
        **changes: str,
    ) -> Answer:
        """Make a signed call; ``changes`` replace parts of the Authorization header."""
        raw = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        return await self.send(
            method, url, raw, raw, public_key=public_key, verify=verify, headers=headers, **changes
        )

    async def send(
        self,
        method: str,
        url: str,
        raw: bytes,
        signed: bytes,
        *,
        public_key: bool = False,
        verify: bool = True,
        headers: dict[str, str] | None = None,
        **changes: str,
    ) -> Answer:
        sent = {
            "Authorization": self.authorization(method, url, signed, **changes),
            "Accept": "application/json",
            "User-Agent": "tests",
            "Content-Type": "application/json",
        } | (headers or {})
        if public_key:
            sent["Wechatpay-Serial"] = self.facts["public_key_id"]
        target = f"{self.rig.sandbox.url}{url}"
        async with self.rig.client.request(
            method, URL(target, encoded=True), data=raw or None, headers=sent
        ) as found:
            answer = Answer(found.status, found.headers, await found.read())
        if verify:
            self.verify(answer.headers, answer.content)
        return answer

    async def upload(self, url: str, content: bytes, filename: str) -> Answer:
        meta = json.dumps({"filename": filename, "sha256": hashlib.sha256(content).hexdigest()})
        edge = "edge-of-a-part"
        head = f"--{edge}\r\nContent-Disposition: form-data; name="
        parts = (
            f'{head}"meta"\r\nContent-Type: application/json\r\n\r\n{meta}\r\n',
            f'{head}"file"; filename="{filename}"\r\nContent-Type: image/png\r\n\r\n',
        )
        raw = "".join(parts).encode() + content + f"\r\n--{edge}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
        return await self.send("POST", url, raw, meta.encode(), headers=kind)

    def authorization(self, method: str, url: str, body: bytes, **changes: str) -> str:
        nonce, timestamp = secrets.token_hex(16), str(int(self.rig.clock.now()))
        values = {
            "mchid": self.mchid,
            "nonce_str": nonce,
            "timestamp": timestamp,
            "serial_no": self.facts["serial_no"],
        } | changes
        message = f"{method}\n{url}\n{values['timestamp']}\n{values['nonce_str']}\n".encode() + body + b"\n"
        values.setdefault("signature", self.sign(message))
        scheme = values.pop("scheme", "WECHATPAY2-SHA256-RSA2048")
        return f"{scheme} " + ",".join(f'{name}="{value}"' for name, value in values.items())

    def sign(self, message: bytes) -> str:
        return base64.b64encode(self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()

    def verify(self, headers: Any, body: bytes) -> None:
        """Hold what the platform sent to its signature."""
        assert headers["Wechatpay-Signature-Type"] == "WECHATPAY2-SHA256-RSA2048"
        message = f"{headers['Wechatpay-Timestamp']}\n{headers['Wechatpay-Nonce']}\n".encode() + body + b"\n"
        key = self.platform_key(headers["Wechatpay-Serial"])
        key.verify(
            base64.b64decode(headers["Wechatpay-Signature"]), message, padding.PKCS1v15(), hashes.SHA256()
        )

    def platform_key(self, serial: str) -> rsa.RSAPublicKey:
        if serial == self.facts["public_key_id"]:
            found: Any = serialization.load_pem_public_key(self.facts["public_key_pem"].encode())
        else:
            pem = {one["serial_no"]: one["certificate_pem"] for one in self.facts["platform_certificates"]}
            found = x509.load_pem_x509_certificate(pem[serial].encode()).public_key()
        assert isinstance(found, rsa.RSAPublicKey)
        return found

    def secret(self, text: str) -> str:
        """Encrypt a sensitive field with the platform's public key."""
        key = self.platform_key(self.facts["public_key_id"])
        return base64.b64encode(key.encrypt(text.encode(), OAEP)).decode()

    def reveal(self, text: str) -> str:
        return self.key.decrypt(base64.b64decode(text), OAEP).decode()

    def decrypt(self, resource: dict[str, str]) -> bytes:
        return AESGCM(self.facts["api_v3_key"].encode()).decrypt(
            resource["nonce"].encode(),
            base64.b64decode(resource["ciphertext"]),
            resource["associated_data"].encode(),
        )

    # What tests need again and again

    def order(self, number: str, total: int = 1000, **more: Any) -> dict[str, Any]:
        return {
            "appid": self.appid,
            "mchid": self.mchid,
            "description": "桂花乌龙",
            "out_trade_no": number,
            "notify_url": f"{self.rig.product.url}/pay",
            "amount": {"total": total, "currency": "CNY"},
            "payer": {"openid": self.rig.openid(PAYER)},
        } | more

    async def place(self, number: str, total: int = 1000, **more: Any) -> str:
        """Place a JSAPI order and return its prepay id."""
        answer = await self.call("POST", "/v3/pay/transactions/jsapi", self.order(number, total, **more))
        assert answer.status == 200, answer.content
        return str(answer.json["prepay_id"])

    async def paid(
        self, number: str, total: int = 1000, *, ago_s: float = 0.0, **more: Any
    ) -> dict[str, Any]:
        """Place an order, let the person pay it, and return it as a query does."""
        prepay_id = await self.place(number, total, **more)
        await self.rig.act(PAYER, "pay", mark=prepay_id, ago_s=ago_s)
        return await self.query(number)

    async def query(self, number: str) -> dict[str, Any]:
        answer = await self.call("GET", f"/v3/pay/transactions/out-trade-no/{number}?mchid={self.mchid}")
        assert answer.status == 200, answer.content
        return dict(answer.json)

    async def refund(
        self, number: str, refund_no: str, amount: int, total: int = 1000, **more: Any
    ) -> Answer:
        body = {
            "out_trade_no": number,
            "out_refund_no": refund_no,
            "notify_url": f"{self.rig.product.url}/pay",
            "amount": {"refund": amount, "total": total, "currency": "CNY"},
        } | more
        return await self.call("POST", "/v3/refund/domestic/refunds", body)

    async def balance(self) -> dict[str, Any]:
        return dict(await self.rig.control("GET", f"/merchants/{self.mchid}/balance"))


@dataclass
class Mailbox:
    """A callback address of a merchant."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)  # Of the next answers; 204 when there are none left.
    received: list[tuple[Any, bytes]] = field(default_factory=list)
    refuses_probes: bool = True

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/{rest:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        probe = request.headers["Wechatpay-Signature"].startswith("WECHATPAY/SIGNTEST/")
        if probe and self.refuses_probes:
            return web.Response(status=401)
        self.received.append((request.headers, body))
        status = self.statuses.pop(0) if self.statuses else 204
        return web.Response(status=status)

    def opened(self, merchant: Merchant, event_type: str = "") -> list[dict[str, Any]]:
        """Return the contents of what came, once each signature has been verified."""
        found = []
        for headers, body in self.received:
            merchant.verify(headers, body)
            envelope = json.loads(body)
            if event_type in ("", envelope["event_type"]):
                found.append(json.loads(merchant.decrypt(envelope["resource"])))
        return found
