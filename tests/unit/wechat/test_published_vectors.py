"""The platform's own published examples: signatures, decryption and encryption."""

import json
from pathlib import Path

import pytest

from quanyu.wechat.callbacks.crypto import MessageCrypt
from quanyu.wechat.callbacks.errors import BadSignature

TOKEN = "AAAAA"
APP_ID = "wxba5fad812f8e6fb9"
ENCRYPTED = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVz"
    "azhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEY"
    "wKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj"
    "04="
)
REPLY_ENCRYPTED = "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="


@pytest.fixture
def crypt() -> MessageCrypt:
    return MessageCrypt(token=TOKEN, encoding_aes_key="A" * 43, app_id=APP_ID)


@pytest.mark.parametrize(
    ("timestamp", "nonce", "signature"),
    [
        ("1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        ("1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
        ("1714112445", "415670741", "6c5c811b55cc85e0e1b54100749188c20beb3f5d"),
    ],
)
def test_plain_signatures(crypt: MessageCrypt, timestamp: str, nonce: str, signature: str) -> None:
    crypt.verify_plain(signature=signature, timestamp=timestamp, nonce=nonce)

    with pytest.raises(BadSignature):
        crypt.verify_plain(signature=signature, timestamp=timestamp + "0", nonce=nonce)


def test_secure_delivery_opens(crypt: MessageCrypt) -> None:
    opened = crypt.open(
        ENCRYPTED,
        msg_signature="046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
        timestamp="1714112445",
        nonce="415670741",
    )

    assert opened == (
        b'{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY",'
        b'"CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}'
    )


def test_reply_encrypts_to_the_published_text(crypt: MessageCrypt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_bytes", lambda count: b"707722b803182950"[:count])

    encrypted = crypt.seal(b'{"demo_resp":"good luck"}')

    assert encrypted == REPLY_ENCRYPTED
    assert (
        crypt.sign_sealed(encrypted, timestamp="1713424427", nonce="415670741")
        == "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"
    )


@pytest.mark.shared
def test_shared_vectors_agree(shared_data: Path) -> None:
    vectors = json.loads((shared_data / "data" / "wechat_known_answers" / "vectors.json").read_text())
    vector = vectors["wecom_url_verification"]
    crypt = MessageCrypt(
        token=vector["token"], encoding_aes_key=vector["encoding_aes_key"], app_id=vector["receive_id"]
    )

    opened = crypt.open(
        vector["echostr"],
        msg_signature=vector["msg_signature"],
        timestamp=vector["timestamp"],
        nonce=vector["nonce"],
    )

    assert opened == vector["plaintext"].encode()
