"""Whatever is sent: what was sealed opens, what was changed does not, and both lanes agree."""

import contextlib
from base64 import b64decode, b64encode

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.wechat.callbacks.crypto import MessageCrypt
from quanyu.wechat.callbacks.envelope import read_envelope
from quanyu.wechat.callbacks.errors import BadSignature, CallbackRefused, MalformedCallback
from quanyu.wechat.official_account import messages, parsing

CRYPT = MessageCrypt(token="token", encoding_aes_key="A" * 43, app_id="wxba5fad812f8e6fb9")

# What XML may hold: neither surrogates nor most control signs.
letters = st.characters(
    exclude_categories=["Cs", "Cc"], include_characters="\n\t", exclude_characters="\ufffe\uffff"
)
texts = st.text(letters, max_size=60)
any_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(st.binary(max_size=2_000))
def test_what_is_sealed_opens(message: bytes) -> None:
    encrypted = CRYPT.seal(message)
    signature = CRYPT.sign_sealed(encrypted, timestamp="1", nonce="2")

    assert CRYPT.open(encrypted, msg_signature=signature, timestamp="1", nonce="2") == message


@given(st.binary(max_size=200), st.data())
def test_a_changed_delivery_never_opens(message: bytes, data: st.DataObject) -> None:
    encrypted = CRYPT.seal(message)
    signature = CRYPT.sign_sealed(encrypted, timestamp="1", nonce="2")
    raw = bytearray(b64decode(encrypted))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))

    try:
        CRYPT.open(b64encode(raw).decode(), msg_signature=signature, timestamp="1", nonce="2")
    except BadSignature:
        return
    raise AssertionError("a changed delivery was opened")


@given(st.binary(max_size=400))
def test_signed_noise_is_refused_and_harms_nothing(noise: bytes) -> None:
    encrypted = b64encode(noise).decode()
    signature = CRYPT.sign_sealed(encrypted, timestamp="1", nonce="2")

    with contextlib.suppress(MalformedCallback):
        CRYPT.open(encrypted, msg_signature=signature, timestamp="1", nonce="2")
    test_what_is_sealed_opens.hypothesis.inner_test(b"still works")  # type: ignore[attr-defined]


def cdata(name: str, value: str) -> str:
    return f"<{name}><![CDATA[{value}]]></{name}>"


@st.composite
def elements(draw: st.DrawFn, name: str) -> str:
    """One element in some form: text, number, empty, with or without CDATA."""
    value = draw(st.one_of(any_texts, st.floats(allow_nan=False).map(str), st.integers(-9, 2**66).map(str)))
    return draw(st.sampled_from(FORMS)).format(name, value)


FORMS = ["<{0}><![CDATA[{1}]]></{0}>"] * 3 + ["<{0}>{1}</{0}>"] * 3 + ["<{0}/>"]
PERFECT = {int: "<{0}>17</{0}>", float: "<{0}>1.5</{0}>", str: "<{0}><![CDATA[some 字]]></{0}>"}


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """Documents near the platform's form: right, right but for one element, and wrong."""
    types: dict[str, type[messages.Callback]] = {**messages.MESSAGE_TYPES, **messages.EVENT_TYPES}
    name = draw(st.sampled_from([*types, "nothing_known"]))
    kind = types.get(name, messages.OtherEvent)
    written = {
        field.name: PERFECT.get(field.type, PERFECT[int]).format(field.name)
        for field in msgspec.structs.fields(kind)
        if draw(st.integers(0, 9)) or field.required
    }
    if issubclass(kind, messages.Event):
        written |= {"MsgType": cdata("MsgType", "event"), "Event": cdata("Event", name)}
    else:
        written["MsgType"] = cdata("MsgType", name)
    for _ in range(draw(st.integers(0, 2))):
        changed = draw(st.sampled_from([*written, "Surprise"]))
        written[changed] = draw(elements(changed))
    gap = draw(st.sampled_from(["", "", "\n", " \t\r\n", "\x0b", "x"]))
    return f"<xml>{gap.join(written.values())}</xml>".encode()


@settings(max_examples=600)
@given(documents())
def test_the_quick_lane_means_what_the_careful_lane_means(document: bytes) -> None:
    quick = parsing._read_quickly(document)

    if quick is not None:
        assert quick == parsing.read_carefully(document)


@given(texts, st.integers(1, 2**63 - 1), st.integers(0, 2**40))
def test_text_messages_come_through_as_written(content: str, message_id: int, at: int) -> None:
    if "]]>" in content:
        return
    document = (
        f"<xml>{cdata('ToUserName', 'gh_1')}{cdata('FromUserName', 'o1')}<CreateTime>{at}</CreateTime>"
        f"{cdata('MsgType', 'text')}{cdata('Content', content)}<MsgId>{message_id}</MsgId></xml>"
    ).encode()

    read = parsing.parse_callback(document)

    assert isinstance(read, messages.TextMessage)
    assert (read.Content, read.MsgId, read.CreateTime) == (content, message_id, at)


@settings(max_examples=300)
@given(st.one_of(st.binary(max_size=300), st.text("<>/xml![]CDATA&;a ", max_size=80).map(str.encode)))
def test_any_bytes_are_read_or_refused(document: bytes) -> None:
    with contextlib.suppress(CallbackRefused):
        parsing.parse_callback(document)
    with contextlib.suppress(CallbackRefused):
        read_envelope(document)
