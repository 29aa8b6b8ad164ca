"""The three modes of callbacks: what each believes, and what it refuses."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from quanyu.wechat.callbacks.crypto import MessageCrypt, sign
from quanyu.wechat.callbacks.errors import BadSignature, CallbackRefusal, MalformedCallback
from quanyu.wechat.callbacks.xml import read_fields
from quanyu.wechat.official_account.opening import CallbackOpener, Delivery
from quanyu.wechat.official_account.replies import Wire

TOKEN, KEY, APP_ID = "AAAAA", "A" * 43, "wxba5fad812f8e6fb9"
AT = datetime(2026, 3, 4, tzinfo=UTC)
PLAIN = b"<xml><ToUserName>gh_1</ToUserName><MsgType>text</MsgType><Content>forged?</Content></xml>"

plain_mode = CallbackOpener(token=TOKEN, app_id=APP_ID)
secure_mode = CallbackOpener(token=TOKEN, app_id=APP_ID, encoding_aes_key=KEY)
crypt = MessageCrypt(token=TOKEN, encoding_aes_key=KEY, app_id=APP_ID)


def delivery(encrypted: str = "", **changed: str) -> Delivery:
    query = {
        "signature": sign(TOKEN, "1", "2"),
        "timestamp": "1",
        "nonce": "2",
        "openid": "o1",
        "encrypt_type": "aes",
        "msg_signature": sign(TOKEN, "1", "2", encrypted),
    }
    return Delivery.of({**query, **changed})


def envelopes(encrypted: str) -> list[bytes]:
    return [
        f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode(),
        PLAIN.replace(b"</xml>", f"<Encrypt>{encrypted}</Encrypt></xml>".encode()),
        msgspec.json.encode({"ToUserName": "gh_1", "Encrypt": encrypted}),
        msgspec.json.encode({"ToUserName": "gh_1", "Content": "forged?", "Encrypt": encrypted}),
    ]


@pytest.mark.parametrize("which", range(4), ids=["secure", "compatible", "secure json", "compatible json"])
def test_of_an_encrypted_delivery_only_the_encrypted_part_counts(which: int) -> None:
    encrypted = crypt.seal(b"the true document")

    opened = secure_mode.open(delivery(encrypted), envelopes(encrypted)[which])

    assert opened == b"the true document"


def test_an_account_with_a_key_takes_no_plain_document() -> None:
    for body in (PLAIN, msgspec.json.encode({"ToUserName": "gh_1", "Content": "x"})):
        with pytest.raises(MalformedCallback) as caught:
            secure_mode.open(delivery(), body)
        assert caught.value.reason is CallbackRefusal.NOT_ENCRYPTED


def test_an_encrypted_delivery_is_not_opened_by_the_signature_of_a_plain_one() -> None:
    encrypted = crypt.seal(b"m")

    with pytest.raises(BadSignature):
        secure_mode.open(delivery(msg_signature=sign(TOKEN, "1", "2")), envelopes(encrypted)[0])


def test_plain_mode_takes_what_is_signed() -> None:
    assert plain_mode.open(delivery(), PLAIN) == PLAIN


@pytest.mark.parametrize("changed", [{"signature": ""}, {"timestamp": "9"}, {"nonce": ""}])
def test_plain_mode_refuses_what_is_not(changed: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        plain_mode.open(delivery(**changed), PLAIN)


def test_a_flood_is_refused_in_plain_mode() -> None:
    with pytest.raises(MalformedCallback, match="exceeds"):
        plain_mode.open(delivery(), b" " * 300_000)


@pytest.mark.parametrize("opener", [plain_mode, secure_mode])
def test_the_address_is_verified_alike_in_every_mode(opener: CallbackOpener) -> None:
    assert opener.echo(delivery(echostr="4711")) == "4711"
    with pytest.raises(BadSignature):
        opener.echo(delivery(signature="0" * 40, echostr="4711"))
    with pytest.raises(BadSignature):
        opener.echo(Delivery.of({}))


def test_replies_go_as_they_are_in_plain_mode() -> None:
    assert plain_mode.seal("<xml/>", at=AT) == b"<xml/>"


@pytest.mark.parametrize("wire", list(Wire))
def test_sealed_replies_open_again(wire: Wire) -> None:
    sealed = secure_mode.seal("好", at=AT, wire=wire)

    envelope: dict[str, Any] = (
        msgspec.json.decode(sealed)
        if wire is Wire.JSON
        else read_fields(sealed, CallbackRefusal.MALFORMED_ENVELOPE)
    )
    assert isinstance(envelope["TimeStamp"], int if wire is Wire.JSON else str)
    opened = crypt.open(
        envelope["Encrypt"],
        msg_signature=envelope["MsgSignature"],
        timestamp=str(envelope["TimeStamp"]),
        nonce=envelope["Nonce"],
    )
    assert opened == "好".encode()
