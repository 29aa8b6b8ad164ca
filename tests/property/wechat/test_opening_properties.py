"""Whatever arrives at a callback address: it opens as it was sealed, or it is refused; nothing crashes."""

import contextlib
import json
from base64 import b64encode
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.wechat.callbacks.crypto import MessageCrypt, decode_aes_key, sign
from quanyu.wechat.callbacks.errors import CallbackRefused
from quanyu.wechat.mini_program import messages
from quanyu.wechat.mini_program.open_data import OpenDataRefused, decrypt
from quanyu.wechat.official_account.opening import CallbackOpener, Delivery

TOKEN, KEY, APP_ID = "token", "A" * 43, "wxba5fad812f8e6fb9"
SESSION_KEY, IV = b64encode(b"k" * 16).decode(), b64encode(b"i" * 16).decode()
crypt = MessageCrypt(token=TOKEN, encoding_aes_key=KEY, app_id=APP_ID)
secure = CallbackOpener(token=TOKEN, app_id=APP_ID, encoding_aes_key=KEY)
plain = CallbackOpener(token=TOKEN, app_id=APP_ID)

BOMB = b'<!DOCTYPE x [<!ENTITY a "%s"><!ENTITY b "&a;&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>'
fragments = st.sampled_from(
    [
        b"<xml>",
        b"</xml>",
        b"<Encrypt>",
        b"</Encrypt>",
        b"<![CDATA[",
        b"]]>",
        b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]>",
        b"<!ENTITY % b SYSTEM 'file:///etc/passwd'>",
        b"&a;",
        b"&#0;",
        b"{",
        b"}",
        b'"Encrypt":',
        b'"List":[',
        b"\xff\xfe",
        b"\x00",
        b"<?xml version='1.0' encoding='utf-7'?>",
        BOMB % (b"x" * 50),
    ]
)
bodies = st.one_of(
    st.binary(max_size=300), st.lists(st.one_of(fragments, st.binary(max_size=12)), max_size=30).map(b"".join)
)
queries = st.dictionaries(
    st.sampled_from(["signature", "timestamp", "nonce", "msg_signature", "encrypt_type", "echostr"]),
    st.text(max_size=60),
)


@settings(max_examples=400)
@given(queries, bodies)
def test_nobody_without_the_token_gets_anything_in(query: dict[str, str], body: bytes) -> None:
    for opener in (secure, plain):
        try:
            opener.open(Delivery.of(query), body)
        except CallbackRefused:
            continue
        raise AssertionError("an unsigned delivery was opened")


def signed(encrypted: str) -> Delivery:
    return Delivery(
        signature=sign(TOKEN, "1", "2"),
        timestamp="1",
        nonce="2",
        msg_signature=sign(TOKEN, "1", "2", encrypted),
    )


@settings(max_examples=400)
@given(bodies)
def test_a_right_signature_does_not_make_a_wrong_document_harmful(body: bytes) -> None:
    """The token leaked, the AES key did not: the worst is a refusal."""
    with contextlib.suppress(CallbackRefused):
        secure.open(signed(""), body)
    encrypted = b64encode(body).decode()
    with contextlib.suppress(CallbackRefused):
        secure.open(signed(encrypted), json.dumps({"Encrypt": encrypted}).encode())
    with contextlib.suppress(CallbackRefused):
        messages.parse_callback(body)


def seal_raw(buffer: bytes) -> str:
    key = decode_aes_key(KEY)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return b64encode(encryptor.update(buffer) + encryptor.finalize()).decode()


@given(
    message=st.binary(max_size=80),
    receive_id=st.text("wxabcdef0123456789", max_size=24).filter(lambda one: one != APP_ID),
    pad=st.integers(0, 255),
    stated=st.one_of(st.none(), st.integers(0, 2**32 - 1)),
)
def test_only_our_own_id_with_right_padding_and_length_is_accepted(
    message: bytes, receive_id: str, pad: int, stated: int | None
) -> None:
    length = len(message) if stated is None else stated
    body = b"r" * 16 + length.to_bytes(4, "big") + message + receive_id.encode()
    body += b"\x00" * (-len(body) % 32) + bytes([pad]) * 32
    encrypted = seal_raw(body)

    try:
        opened = secure.open(signed(encrypted), json.dumps({"Encrypt": encrypted}).encode())
    except CallbackRefused:
        return
    raise AssertionError(f"accepted {opened!r}")


scalars = st.one_of(st.none(), st.booleans(), st.integers(-9, 2**70), st.text(max_size=12), st.floats())
members = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["List", "item", "detail", "a", "Event"]), inner, max_size=4),
    ),
    max_leaves=12,
)


@settings(max_examples=300)
@given(
    st.sampled_from([*messages.EVENT_TYPES, *messages.MESSAGE_TYPES, "new"]),
    st.dictionaries(
        st.sampled_from(["Event", "MsgType", "List", "detail", "result", "MsgId", "SubscribeMsgPopupEvent"]),
        members,
    ),
)
def test_any_json_is_read_or_refused(name: str, changed: dict[str, Any]) -> None:
    """A signed document of any form is kept, if it says from whom, to whom and when."""
    head = {"ToUserName": "g", "FromUserName": "o", "CreateTime": 1, "MsgType": "event", "Event": name}

    document = json.dumps({**head, **changed}).encode()

    with contextlib.suppress(CallbackRefused):
        read = messages.parse_callback(document)
        assert read.FromUserName == "o"
        assert read.delivery_key == messages.parse_callback(document).delivery_key


@given(st.text(max_size=200), st.text(max_size=40), st.text(max_size=40))
def test_front_end_data_is_opened_or_refused(data: str, iv: str, key: str) -> None:
    for given_iv, given_key in ((iv, key), (IV, SESSION_KEY), (IV, key)):
        with contextlib.suppress(OpenDataRefused):
            decrypt(data, iv=given_iv, session_key=given_key, app_id=APP_ID)


@given(st.binary(max_size=160))
def test_noise_under_the_right_session_key_is_never_accepted(noise: bytes) -> None:
    try:
        decrypt(b64encode(noise).decode(), iv=IV, session_key=SESSION_KEY, app_id=APP_ID)
    except OpenDataRefused:
        return
    raise AssertionError("noise carried our watermark")


@given(
    st.dictionaries(st.text(max_size=8), st.one_of(st.integers(0, 2**53), st.text(max_size=20)), max_size=5)
)
def test_front_end_data_comes_back_as_it_was_encrypted(fields: dict[str, Any]) -> None:
    marked = {**fields, "watermark": {"appid": APP_ID, "timestamp": 1}}
    text = msgspec.json.encode(marked)
    count = 16 - len(text) % 16
    encryptor = Cipher(algorithms.AES(b"k" * 16), modes.CBC(b"i" * 16)).encryptor()
    sealed = b64encode(encryptor.update(text + bytes([count]) * count) + encryptor.finalize()).decode()

    assert decrypt(sealed, iv=IV, session_key=SESSION_KEY, app_id=APP_ID) == marked
