"""The client of 微信支付: makes declared calls, signed on the way out and verified on the way in.

Nothing is retried here: what an unknown outcome means only the caller knows. No call is made while a
transaction is open, which is the caller's duty too.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from quanyu import __version__
from quanyu.kernel.clock import Clock
from quanyu.wechat.calls import AnswerT, Call, Download, Encoded, File, Host, RequestT, Sensitive
from quanyu.wechat.errors import MalformedAnswer, WechatError
from quanyu.wechat.pay import certificates
from quanyu.wechat.pay.certificates import (
    CertificatesAnswer,
    CertificatesRequest,
    PlatformCertificate,
    open_certificates,
)
from quanyu.wechat.pay.crypto import check_api_v3_key, decrypt_field, encrypt_field
from quanyu.wechat.pay.errors import PayRefusal, UnverifiedAnswer, refusal_of
from quanyu.wechat.pay.keys import CertificateStore, PlatformKeys, UnknownKey
from quanyu.wechat.pay.notifications import SignedHeaders, is_timely, read_headers
from quanyu.wechat.pay.signing import SCHEME, Signer, is_signed, new_nonce, read_private_key, read_public_key
from quanyu.wechat.transport import Received, Transport, request_target

OFFICIAL_BASE_URL: Final = f"https://{Host.PAY}"
# Answers that the platform leaves unsigned, beside all files.
_UNSIGNED: Final = ("/v3/billdownload/", "/v3/transferdownload/", "/v3/merchant-service/images/")


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantKeys:
    """Who a merchant is to the platform, and where it is: the real one or a sandbox."""

    mch_id: str
    serial_no: str  # Of the merchant's API certificate.
    private_key: str = field(repr=False)  # PEM.
    api_v3_key: str = field(repr=False)
    public_key_id: str = ""  # ``PUB_KEY_ID_…``; empty in certificate mode.
    public_key: str = ""  # PEM, of the platform.
    base_url: str = OFFICIAL_BASE_URL


class PayClient:
    """Calls 微信支付 for one merchant."""

    def __init__(
        self, transport: Transport, merchant: MerchantKeys, store: CertificateStore, clock: Clock
    ) -> None:
        """Make a client; nothing is sent.

        Raises:
            InvalidPayKey: a key cannot be read.
        """
        self._transport = transport
        self._merchant = merchant
        self._clock = clock
        self.signer = Signer(merchant.mch_id, merchant.serial_no, read_private_key(merchant.private_key))
        self._api_v3_key = check_api_v3_key(merchant.api_v3_key)
        self.keys = PlatformKeys(
            store,
            self.download_certificates,
            clock,
            public_key_id=merchant.public_key_id,
            public_key=read_public_key(merchant.public_key) if merchant.public_key_id else None,
        )

    @property
    def mch_id(self) -> str:
        """The merchant called for."""
        return self._merchant.mch_id

    @property
    def base_url(self) -> str:
        """Where the platform is."""
        return self._merchant.base_url

    async def call(self, call: Call[RequestT, AnswerT], request: RequestT) -> AnswerT:
        """Make one call.

        Raises:
            NotSent, OutcomeUnknown: no answer came, or none that counts: ``PayTrouble`` and
                ``UnverifiedAnswer`` are among the latter.
            PayRefusal: the platform refused; it took no effect. ``PayLimited`` is one.
            UnknownKey: the call holds something to encrypt, and no key can be had; it was not made.
        """
        encoded, serial = await self._encode(call, request)
        received = await self._send(call, encoded, serial)
        if not 200 <= received.status < 300:
            request_id = received.headers.get("request-id", "")
            raise refusal_of(received.status, received.content, path=call.path, request_id=request_id)
        if self._is_signed_call(call):
            await self._verify(call.path, received)
        return self._read(call, received)

    async def download_certificates(self) -> tuple[PlatformCertificate, ...]:
        """Ask for the platform's certificates and check the answer with what it carries.

        A merchant that has a public key only is answered with ``RESOURCE_NOT_EXISTS``.

        Raises:
            CannotDecrypt: the APIv3 key is another one.
            UnverifiedAnswer: none of the certificates signed the answer.
        """
        call = certificates.CERTIFICATES
        received = await self._send(call, call.encode(CertificatesRequest()), "")
        if received.status != 200:
            raise refusal_of(received.status, received.content, path=call.path)
        try:
            answer = msgspec.json.decode(received.content, type=CertificatesAnswer)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise MalformedAnswer(f"{call.path}: not as documented: {error}") from error
        found = open_certificates(answer, self._api_v3_key)
        signed = self._signed_headers(call.path, received)
        if not any(_verifies(one, signed, received.content) for one in found):
            raise UnverifiedAnswer(f"{call.path}: no certificate of the answer signed it")
        return found

    async def download(self, url: str, *, write: Callable[[bytes], object], bytes_max: int) -> None:
        """Fetch a file by the address an answer gave, piece by piece; its hash is the caller's to check.

        The address is followed only on the platform's own host: it carries our signature.

        Raises:
            NotSent, OutcomeUnknown: it did not come whole.
            PayRefusal: the platform refused, for example an address that is too old.
        """
        target = self._target_of(url)
        received = await self._transport.download(
            f"{self._merchant.base_url}{target}",
            headers=self._headers("GET", target, b"", ""),
            write=write,
            bytes_max=bytes_max,
        )
        if received.status != 200:
            raise refusal_of(received.status, received.content, path=target.partition("?")[0])

    async def _encode(self, call: Call[RequestT, Any], request: RequestT) -> tuple[Encoded, str]:
        found: list[Sensitive] = []
        encoded = call.encode(request, found.append)
        serial = self.keys.public_key_id
        if found:
            serial, key = await self.keys.encryption_key()
            encoded = call.encode(request, lambda one: encrypt_field(one.value, key))
        return encoded, serial

    async def _send(self, call: Call[Any, Any], encoded: Encoded, serial: str) -> Received:
        target = request_target(encoded.path, encoded.query)
        return await self._transport.exchange(
            call.method,
            self._merchant.base_url,
            encoded.path,
            query=encoded.query,
            body=encoded.body,
            content_type=encoded.content_type,
            carries_file=call.carries_file,
            headers=self._headers(call.method, target, encoded.meta or encoded.body or b"", serial),
        )

    def _headers(self, method: str, target: str, signed: bytes, serial: str) -> dict[str, str]:
        authorization = self.signer.authorization(
            method, target, signed, timestamp=int(self._clock.now().timestamp()), nonce=new_nonce()
        )
        headers = {
            "Authorization": authorization,
            "Accept": "application/json",
            "User-Agent": f"quanyu/{__version__}",
        }
        return headers | ({"Wechatpay-Serial": serial} if serial else {})

    @staticmethod
    def _is_signed_call(call: Call[Any, Any]) -> bool:
        return not issubclass(call.answer, Download) or not call.path.startswith(_UNSIGNED)

    async def _verify(self, path: str, received: Received) -> None:
        signed = self._signed_headers(path, received)
        try:
            key = await self.keys.key(signed.serial)
        except (UnknownKey, PayRefusal) as error:
            raise UnverifiedAnswer(f"{path}: {error.message}") from error
        except WechatError as error:
            raise UnverifiedAnswer(f"{path}: the key that signed is not to be had: {error}") from error
        if not is_signed(
            key, signed.signature, timestamp=signed.timestamp, nonce=signed.nonce, body=received.content
        ):
            raise UnverifiedAnswer(f"{path}: the signature is not the platform's")

    def _signed_headers(self, path: str, received: Received) -> SignedHeaders:
        signed = read_headers(received.headers)
        if signed is None or signed.kind != SCHEME:
            raise UnverifiedAnswer(f"{path}: the answer is not signed")
        if not is_timely(signed.timestamp, self._clock):
            raise UnverifiedAnswer(f"{path}: signed more than five minutes from our clock")
        return signed

    def _read(self, call: Call[Any, AnswerT], received: Received) -> AnswerT:
        if issubclass(call.answer, Download):
            file = File(received.content, received.filename, received.content_type)
            return msgspec.structs.replace(call.answer(), file=file)
        try:
            # An answer without a body, as 204 is, says no more than that it was done.
            content = received.content or b"{}"
            return msgspec.json.decode(content, type=call.answer, strict=False, dec_hook=self._decrypt)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise MalformedAnswer(f"{call.path}: the answer is not as documented: {error}") from error

    def _decrypt(self, kind: type, value: Any) -> Sensitive:
        assert kind is Sensitive, kind
        return Sensitive(decrypt_field(str(value), self.signer.key) if value else "")

    def _target_of(self, url: str) -> str:
        for base in (self._merchant.base_url, OFFICIAL_BASE_URL, "https://api2.mch.weixin.qq.com"):
            if url.startswith(f"{base}/"):
                return url[len(base) :]
        raise MalformedAnswer("the platform named an address that is not its own")


def _verifies(certificate: PlatformCertificate, signed: SignedHeaders, body: bytes) -> bool:
    return is_signed(
        certificate.key, signed.signature, timestamp=signed.timestamp, nonce=signed.nonce, body=body
    )
