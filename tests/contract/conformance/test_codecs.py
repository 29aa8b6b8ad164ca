"""Six codecs that share no code open what the others sealed: four SDKs', the sandbox's and ours.

企业微信 seals as official accounts do, with the id of the company at the end; @wecom/crypto is its
official package.

The platform's published vectors are held against ours in ``tests/unit/wechat/test_published_vectors.py``,
``test_pages.py`` and ``test_open_data.py``, against the sandbox's in ``tests/unit/sandbox/test_codec.py``;
here the SDKs open the same ones.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contract.conformance.program import Program, SdkRefusal, bare_node
from quanyu.wechat.callbacks.crypto import MessageCrypt
from quanyu.wechat.callbacks.errors import CallbackRefused
from wechat_sandbox.wire.codec import CallbackCodec, CodecError

TOKEN, AES_KEY, APPID = "spamtest", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx2c2769f8efd9abc2"
WHEN = ("1714112445", "415670741")  # Timestamp and nonce.
MESSAGES = [f"<xml><Content>{text}</Content></xml>" for text in ("a", "您好 “茶” 🍵", "茶" * 50_000)] + [
    "x" * length for length in range(1, 66, 8)
]


@dataclass(frozen=True)
class Codec:
    """One implementation: seals into (encrypted, signature), opens when both are right."""

    seal: Callable[[str], tuple[str, str]]
    open: Callable[[str, str], str]
    refusals: tuple[type[Exception], ...]


def ours() -> Codec:
    crypt = MessageCrypt(token=TOKEN, encoding_aes_key=AES_KEY, app_id=APPID)
    timestamp, nonce = WHEN

    def seal(message: str) -> tuple[str, str]:
        encrypted = crypt.seal(message.encode())
        return encrypted, crypt.sign_sealed(encrypted, timestamp=timestamp, nonce=nonce)

    def unseal(encrypted: str, signature: str) -> str:
        return crypt.open(encrypted, msg_signature=signature, timestamp=timestamp, nonce=nonce).decode()

    return Codec(seal, unseal, (CallbackRefused,))


def sandbox() -> Codec:
    from wechat_sandbox.wire.codec import sign

    codec = CallbackCodec(TOKEN, AES_KEY, APPID)
    timestamp, nonce = WHEN

    def seal(message: str) -> tuple[str, str]:
        encrypted = codec.encrypt(message.encode())
        return encrypted, sign(TOKEN, timestamp, nonce, encrypted)

    def unseal(encrypted: str, signature: str) -> str:
        codec.verify(signature, timestamp=timestamp, nonce=nonce, encrypted=encrypted)
        return codec.decrypt(encrypted).decode()

    return Codec(seal, unseal, (CodecError,))


def wechatpy() -> Codec:
    from wechatpy.crypto import WeChatCrypto
    from wechatpy.exceptions import InvalidAppIdException, InvalidSignatureException

    crypto = WeChatCrypto(TOKEN, AES_KEY, APPID)
    timestamp, nonce = WHEN

    def unseal(encrypted: str, signature: str) -> str:
        return str(crypto.decrypt_message({"Encrypt": encrypted}, signature, timestamp, nonce))

    return Codec(
        lambda message: _from_envelope(crypto.encrypt_message(message, nonce, timestamp)),
        unseal,
        (InvalidSignatureException, InvalidAppIdException),
    )


def werobot() -> Codec:
    from werobot.crypto import MessageCrypt as Crypt
    from werobot.crypto.exceptions import AppIdValidationError, InvalidSignature

    crypt = Crypt(TOKEN, AES_KEY, APPID)
    timestamp, nonce = WHEN

    def unseal(encrypted: str, signature: str) -> str:
        opened: bytes = crypt.decrypt_message(timestamp, nonce, signature, encrypted)
        return opened.decode()

    return Codec(
        lambda message: _from_envelope(crypt.encrypt_message(message, timestamp, nonce)),
        unseal,
        (InvalidSignature, AppIdValidationError),
    )


def wechat_crypto(node: Program) -> Codec:
    def ask(call: str, *args: str) -> Any:
        return node.ask(
            {"crypt": {"token": TOKEN, "aes_key": AES_KEY, "id": APPID}, "call": call, "args": args}
        )

    def seal(message: str) -> tuple[str, str]:
        encrypted = str(ask("encrypt", message))
        return encrypted, str(ask("getSignature", *WHEN, encrypted))

    def unseal(encrypted: str, signature: str) -> str:
        # It leaves comparing to its caller.
        if ask("getSignature", *WHEN, encrypted) != signature:
            raise PermissionError("signature")
        opened = ask("decrypt", encrypted)
        if opened["id"] != APPID:
            raise PermissionError("appid")
        return str(opened["message"])

    return Codec(seal, unseal, (PermissionError, SdkRefusal))


def wecom_crypto(node: Program) -> Codec:
    def ask(call: str, *args: str) -> Any:
        return node.ask({"wecom": True, "call": call, "args": args})

    def seal(message: str) -> tuple[str, str]:
        encrypted = str(ask("encrypt", AES_KEY, message, APPID))
        return encrypted, str(ask("getSignature", TOKEN, *WHEN, encrypted))

    def unseal(encrypted: str, signature: str) -> str:
        # It leaves comparing to its caller.
        if ask("getSignature", TOKEN, *WHEN, encrypted) != signature:
            raise PermissionError("signature")
        opened = ask("decrypt", AES_KEY, encrypted)
        if opened["id"] != APPID:
            raise PermissionError("receive id")
        return str(opened["message"])

    return Codec(seal, unseal, (PermissionError, SdkRefusal))


def _from_envelope(xml: str) -> tuple[str, str]:
    found = [
        re.search(rf"<{name}><!\[CDATA\[(.*?)\]\]></{name}>", xml, re.S)
        for name in ("Encrypt", "MsgSignature")
    ]
    assert found[0] is not None
    assert found[1] is not None
    return found[0][1], found[1][1]


@pytest.fixture(scope="module")
def codecs() -> Iterator[dict[str, Codec]]:
    with bare_node() as node:
        yield {
            "ours": ours(),
            "sandbox": sandbox(),
            "wechatpy": wechatpy(),
            "WeRoBot": werobot(),
            "wechat-crypto": wechat_crypto(node),
            "@wecom/crypto": wecom_crypto(node),
        }


NAMES = ("ours", "sandbox", "wechatpy", "WeRoBot", "wechat-crypto", "@wecom/crypto")


@pytest.mark.parametrize("opener", NAMES)
@pytest.mark.parametrize("sealer", NAMES)
def test_each_opens_what_each_sealed(sealer: str, opener: str, codecs: dict[str, Codec]) -> None:
    for message in MESSAGES:
        encrypted, signature = codecs[sealer].seal(message)
        assert codecs[opener].open(encrypted, signature) == message


@pytest.mark.parametrize("name", NAMES)
def test_none_opens_with_a_wrong_signature(name: str, codecs: dict[str, Codec]) -> None:
    encrypted, signature = codecs["ours"].seal("<xml/>")
    wrong = ("0" if signature[0] != "0" else "1") + signature[1:]

    with pytest.raises(codecs[name].refusals):
        codecs[name].open(encrypted, wrong)


@pytest.mark.parametrize("name", NAMES)
def test_none_opens_what_was_meant_for_another_account(name: str, codecs: dict[str, Codec]) -> None:
    other = MessageCrypt(token=TOKEN, encoding_aes_key=AES_KEY, app_id="wx0000000000000000")
    timestamp, nonce = WHEN
    encrypted = other.seal(b"<xml/>")
    signature = other.sign_sealed(encrypted, timestamp=timestamp, nonce=nonce)

    with pytest.raises(codecs[name].refusals):
        codecs[name].open(encrypted, signature)


@pytest.mark.shared
def test_the_sandbox_opens_the_published_verification(shared_data: Path) -> None:
    vectors = json.loads((shared_data / "data" / "wechat_known_answers" / "vectors.json").read_text("utf-8"))
    vector = vectors["wecom_url_verification"]
    codec = CallbackCodec(vector["token"], vector["encoding_aes_key"], vector["receive_id"])

    codec.verify(
        vector["msg_signature"],
        timestamp=vector["timestamp"],
        nonce=vector["nonce"],
        encrypted=vector["echostr"],
    )

    assert codec.decrypt(vector["echostr"]).decode() == vector["plaintext"]
