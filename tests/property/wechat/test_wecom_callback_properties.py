"""Whatever arrives at a corp's callback address opens as it was sealed, or is refused; nothing crashes."""

import contextlib
import json
from base64 import b64decode, b64encode
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.wechat.callbacks.crypto import MessageCrypt, decode_aes_key, sign
from quanyu.wechat.callbacks.errors import BadSignature, CallbackRefused
from quanyu.wechat.wecom.callbacks import EVENT_TYPES, CallbackOpener, Delivery, parse_callback
from quanyu.wechat.wecom.events.customers import CUSTOMER_EVENTS

TOKEN, KEY, CORP = "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7"
crypt = MessageCrypt(token=TOKEN, encoding_aes_key=KEY, app_id=CORP)
opener = CallbackOpener(token=TOKEN, encoding_aes_key=KEY, receive_id=CORP)

fragments = st.sampled_from(
    [
        b"<xml>",
        b"</xml>",
        b"<Encrypt>",
        b"</Encrypt>",
        b"<AgentID/>",
        b"<![CDATA[",
        b"]]>",
        b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]>",
        b'<!DOCTYPE x [<!ENTITY a "1"><!ENTITY b "&a;&a;&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>',
        b"<!ENTITY % b SYSTEM 'file:///etc/passwd'>",
        b"&a;",
        b"&#0;",
        b"{",
        b"}",
        b'"Encrypt":',
        b'"encrypt":',
        b"[" * 100,
        b"\xff\xfe",
        b"\x00",
    ]
)
bodies = st.one_of(
    st.binary(max_size=300), st.lists(st.one_of(fragments, st.binary(max_size=12)), max_size=30).map(b"".join)
)
queries = st.dictionaries(
    st.sampled_from(["msg_signature", "timestamp", "nonce", "echostr"]),
    st.text(st.characters(), max_size=60),
)


def signed(encrypted: str, *, echo: bool = False) -> Delivery:
    return Delivery(
        msg_signature=sign(TOKEN, "1", "2", encrypted),
        timestamp="1",
        nonce="2",
        echostr=encrypted if echo else "",
    )


def envelope(encrypted: str) -> bytes:
    return f"<xml><ToUserName>{CORP}</ToUserName><Encrypt>{encrypted}</Encrypt><AgentID/></xml>".encode()


def seal_raw(buffer: bytes) -> str:
    key = decode_aes_key(KEY)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return b64encode(encryptor.update(buffer) + encryptor.finalize()).decode()


@settings(max_examples=300)
@given(queries, bodies)
def test_nobody_without_the_token_gets_anything_in(query: dict[str, str], body: bytes) -> None:
    delivery = Delivery.of(query)
    for attempt in (lambda: opener.open(delivery, body), lambda: opener.echo(delivery)):
        try:
            attempt()
        except CallbackRefused:
            continue
        raise AssertionError("an unsigned delivery was opened")


@given(st.binary(max_size=1_000))
def test_what_is_sealed_opens_as_xml_and_as_json(message: bytes) -> None:
    encrypted = crypt.seal(message)

    assert opener.open(signed(encrypted), envelope(encrypted)) == message
    assert opener.open(signed(encrypted), json.dumps({"encrypt": encrypted}).encode()) == message


@given(st.binary(max_size=200), st.data())
def test_a_changed_delivery_never_opens(message: bytes, data: st.DataObject) -> None:
    encrypted = crypt.seal(message)
    raw = bytearray(b64decode(encrypted))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))

    try:
        opener.open(signed(encrypted), envelope(b64encode(raw).decode()))
    except BadSignature:
        return
    raise AssertionError("a changed delivery was opened")


@settings(max_examples=300)
@given(bodies)
def test_a_right_signature_does_not_make_a_wrong_document_harmful(body: bytes) -> None:
    """The token leaked, the AES key did not: the worst is a refusal."""
    encrypted = b64encode(body).decode()
    with contextlib.suppress(CallbackRefused):
        opener.open(signed(encrypted), envelope(encrypted))
    with contextlib.suppress(CallbackRefused):
        opener.echo(signed(encrypted, echo=True))
    with contextlib.suppress(CallbackRefused):
        parse_callback(body)


@given(
    message=st.binary(max_size=80),
    receive_id=st.text("wxabcdef0123456789", max_size=24).filter(lambda one: one != CORP),
    pad=st.integers(0, 255),
    stated=st.one_of(st.none(), st.integers(0, 2**32 - 1)),
)
def test_only_our_own_corp_with_right_padding_and_length_is_accepted(
    message: bytes, receive_id: str, pad: int, stated: int | None
) -> None:
    length = len(message) if stated is None else stated
    body = b"r" * 16 + length.to_bytes(4, "big") + message + receive_id.encode()
    body += b"\x00" * (-len(body) % 32) + bytes([pad]) * 32
    encrypted = seal_raw(body)

    for attempt in (
        lambda: opener.open(signed(encrypted), envelope(encrypted)),
        lambda: opener.echo(signed(encrypted, echo=True)),
    ):
        try:
            opened = attempt()
        except CallbackRefused:
            continue
        raise AssertionError(f"accepted {opened!r}")


scalars = st.one_of(st.none(), st.booleans(), st.integers(-9, 2**70), st.text(max_size=12), st.floats())
members = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(["Item", "Value", "OptionIds", "a", "Event"]), inner, max_size=4),
    ),
    max_leaves=12,
)
names = sorted(
    {one.name for kind in EVENT_TYPES.values() for one in msgspec.structs.fields(kind)}
    - {"ToUserName", "CreateTime", "MsgType"}
)


@settings(max_examples=400)
@given(st.sampled_from([*EVENT_TYPES, ("new", "one")]), st.dictionaries(st.sampled_from(names), members))
def test_any_signed_document_is_kept_with_a_key_that_stays(
    event: tuple[str, str], fields: dict[str, Any]
) -> None:
    """It says for whom and when; whatever else it says, it is read or kept as a whole."""
    head = {"ToUserName": CORP, "CreateTime": 1, "MsgType": "event", "Event": event[0]}
    if event[1]:
        head["ChangeType"] = event[1]
    document = json.dumps({**fields, **head}).encode()

    with contextlib.suppress(CallbackRefused):
        read = parse_callback(document)
        assert read.ToUserName == CORP
        assert read.delivery_key == parse_callback(document).delivery_key


ids = st.text("abcXYZ019_-@.", min_size=1, max_size=12)


@given(
    st.sampled_from([one for one in CUSTOMER_EVENTS if one[0] == "change_external_contact"]),
    st.tuples(ids, ids, st.integers(0, 3)),
    st.tuples(ids, ids, st.integers(0, 3)),
)
def test_two_relations_never_share_a_key(
    event: tuple[str, str], first: tuple[str, str, int], second: tuple[str, str, int]
) -> None:
    def key(staff: str, customer: str, at: int) -> str:
        head = {"ToUserName": CORP, "CreateTime": at, "MsgType": "event"}
        about = {"Event": event[0], "ChangeType": event[1], "UserID": staff, "ExternalUserID": customer}
        fields = {**head, **about}
        return parse_callback(json.dumps(fields).encode()).delivery_key

    assert (key(*first) == key(*second)) == (first == second)
