"""Callback bodies in both notations and all three modes, and the replies to them."""

from typing import Any

import msgspec
import pytest

from wechat_sandbox.accounts import Account, AccountKind, CallbackFormat, CallbackMode
from wechat_sandbox.wire.codec import CallbackCodec, sign
from wechat_sandbox.wire.envelope import BadReply, Envelope
from wechat_sandbox.wire.xml import document, parse

FIELDS = {
    "ToUserName": "gh_1",
    "FromUserName": "oPerson",
    "CreateTime": 1714112445,
    "MsgType": "event",
    "Event": "x",
}


def account(**changes: Any) -> Account:
    made = Account(
        appid="wx1", secret="s", original_id="gh_1", name="n", token="t", aes_key="A" * 43, platform_id="op"
    )
    made.change({"kind": "mini_program", **changes})
    return made


def read(body: bytes, made: Account) -> dict[str, Any]:
    return dict(msgspec.json.decode(body)) if made.callback_format is CallbackFormat.JSON else parse(body)


@pytest.mark.parametrize("notation", list(CallbackFormat))
@pytest.mark.parametrize("mode", list(CallbackMode))
def test_a_mode_decides_what_can_be_read(notation: CallbackFormat, mode: CallbackMode) -> None:
    made = account(callback_format=notation, callback_mode=mode)
    sealed = Envelope(made).seal(FIELDS)
    outer = read(sealed.body, made)
    query = Envelope(made).query(sealed, timestamp="7", nonce="9", openid="oPerson")
    assert query["signature"] == sign("t", "7", "9")
    assert ("Event" in outer) == (mode is not CallbackMode.SECURE)
    assert ("Encrypt" in outer) == (mode is not CallbackMode.PLAIN) == ("msg_signature" in query)
    if mode is not CallbackMode.PLAIN:
        assert query["msg_signature"] == sign("t", "7", "9", outer["Encrypt"])
        inside = read(CallbackCodec("t", "A" * 43, "wx1").decrypt(outer["Encrypt"]), made)
        assert inside["Event"] == "x"
    if mode is CallbackMode.SECURE:
        assert set(outer) == {"ToUserName", "Encrypt"}


@pytest.mark.parametrize("count", [1, 2])
def test_subscribe_events_in_json_have_texts_and_no_wrapper(count: int) -> None:
    made = account(callback_format="json", callback_mode="plain")
    row = {"TemplateId": "T", "SubscribeStatusString": "accept", "PopupScene": 0}
    fields: dict[str, Any] = FIELDS | {
        "Event": "subscribe_msg_popup_event",
        "SubscribeMsgPopupEvent": {"List": [row] * count},
    }
    body = read(Envelope(made).seal(fields).body, made)
    told = row | {"PopupScene": "0"}
    assert body["CreateTime"] == "1714112445"
    assert body["List"] == (told if count == 1 else [told, told])
    assert "SubscribeMsgPopupEvent" not in body


@pytest.mark.parametrize("notation", list(CallbackFormat))
@pytest.mark.parametrize("mode", list(CallbackMode))
def test_a_mini_program_may_only_hand_over(notation: CallbackFormat, mode: CallbackMode) -> None:
    made = account(callback_format=notation, callback_mode=mode)
    envelope = Envelope(made)
    for kind, good in (("transfer_customer_service", True), ("text", False)):
        reply = {"ToUserName": "oPerson", "FromUserName": "gh_1", "CreateTime": 1, "MsgType": kind}
        answer = seal_reply(reply, made)
        if good:
            assert envelope.open_reply(answer, openid="oPerson")["MsgType"] == kind
        else:
            with pytest.raises(BadReply):
                envelope.open_reply(answer, openid="oPerson")


@pytest.mark.parametrize(
    "answer", [b"{", b"[1]", b"<xml/>", b"\xff", b'{"Encrypt": 5}', b'{"Encrypt": "AAAA"}']
)
@pytest.mark.parametrize("notation", list(CallbackFormat))
def test_nonsense_is_a_bad_reply(notation: CallbackFormat, answer: bytes) -> None:
    with pytest.raises(BadReply):
        Envelope(account(callback_format=notation)).open_reply(answer, openid="oPerson")


def test_an_official_account_knows_xml_alone() -> None:
    made = account(callback_format="json")
    with pytest.raises(ValueError, match="only a mini program"):
        made.change({"name": "other", "kind": "service"})
    assert (made.name, made.kind) == ("n", AccountKind.MINI_PROGRAM)


def seal_reply(reply: dict[str, Any], made: Account) -> bytes:
    is_json = made.callback_format is CallbackFormat.JSON
    plain = msgspec.json.encode(reply) if is_json else document(reply).encode()
    if made.callback_mode is CallbackMode.PLAIN:
        return plain
    encrypted = CallbackCodec("t", "A" * 43, "wx1").encrypt(plain)
    outer: dict[str, Any] = {
        "Encrypt": encrypted, "MsgSignature": sign("t", "7", "9", encrypted), "TimeStamp": 7, "Nonce": "9",
    }  # fmt: skip
    return msgspec.json.encode(outer) if is_json else document(outer).encode()
