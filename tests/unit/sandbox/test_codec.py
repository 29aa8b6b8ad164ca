"""The callback codec against the vectors published in the official documentation (消息加解密)."""

import pytest

from wechat_sandbox.wire.codec import CallbackCodec, CodecError, sign

TOKEN = "AAAAA"
CODEC = CallbackCodec(token=TOKEN, aes_key="A" * 43, appid="wxba5fad812f8e6fb9")
ENCRYPTED = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsX"
    "UnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajA"
    "sjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)
MESSAGE = (
    '{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,'
    '"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}'
)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((TOKEN, "1714036504", "1514711492"), "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        ((TOKEN, "1714037059", "486452656"), "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
        ((TOKEN, "1714112445", "415670741"), "6c5c811b55cc85e0e1b54100749188c20beb3f5d"),
        ((TOKEN, "1714112445", "415670741", ENCRYPTED), "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"),
    ],
)
def test_signatures_match_the_published_ones(parts: tuple[str, ...], expected: str) -> None:
    assert sign(*parts) == expected


def test_a_published_envelope_opens() -> None:
    assert CODEC.decrypt(ENCRYPTED).decode() == MESSAGE


def test_encryption_gives_the_published_envelopes() -> None:
    assert CODEC.encrypt(MESSAGE.encode(), random=b"a8eedb185eb2fecf") == ENCRYPTED
    reply = CODEC.encrypt(b'{"demo_resp":"good luck"}', random=b"707722b803182950")
    assert reply == "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
    assert sign(TOKEN, "1713424427", "415670741", reply) == "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"


@pytest.mark.parametrize("length", range(70))
def test_every_length_survives_padding(length: int) -> None:
    message = "茶".encode() * length
    assert CODEC.decrypt(CODEC.encrypt(message)) == message


def test_a_right_signature_verifies_and_a_wrong_one_does_not() -> None:
    signature = sign(TOKEN, "1", "2", ENCRYPTED)
    CODEC.verify(signature, timestamp="1", nonce="2", encrypted=ENCRYPTED)
    with pytest.raises(CodecError, match="does not match"):
        CODEC.verify(signature, timestamp="1", nonce="3", encrypted=ENCRYPTED)


@pytest.mark.parametrize(
    ("encrypted", "complaint"),
    [
        ("不是", "not base64"),
        ("", "whole number of blocks"),
        ("AAAA", "whole number of blocks"),
        (ENCRYPTED[:44], "(whole number|exceeds|another appid)"),
    ],
)
def test_broken_envelopes_are_refused(encrypted: str, complaint: str) -> None:
    with pytest.raises(CodecError, match=complaint):
        CODEC.decrypt(encrypted)


def test_an_envelope_of_another_account_is_refused() -> None:
    other = CallbackCodec(token=TOKEN, aes_key="A" * 43, appid="wx0000000000000000")
    with pytest.raises(CodecError, match="another appid"):
        CODEC.decrypt(other.encrypt(b"hello"))


def test_a_key_of_the_wrong_form_is_refused() -> None:
    with pytest.raises(CodecError, match="43 letters"):
        CallbackCodec(token=TOKEN, aes_key="A" * 42 + "+", appid="wx")
