"""Data of the front end: the published examples, and all that must not pass."""

import json
from base64 import b64decode, b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from quanyu.wechat.mini_program.login import session_signature
from quanyu.wechat.mini_program.open_data import OpenDataRefused, decrypt, verify_raw_data

APP_ID = "wx4f4bc4dec97d474b"
KEY = "tiihtNczf5v6AKRyjwEUhQ=="
IV = "r7BXXKkLb8qrSNn05n0qiA=="
# The sample that the platform publishes with its decryption examples.
SAMPLE = (
    "CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZMQmRzooG2xrDcvSnxIMXFufNstNGTyaGS9uT5geRa0W4oTOb1WT7fJlAC+oNPdbB+3hVbJSRg"
    "v+4lGOETKUQz6OYStslQ142dNCuabNPGBzlooOmB231qMM85d2/fV6ChevvXvQP8Hkue1poOFtnEtpyxVLW1zAo6/1Xx1COxFvrc2d7U"
    "L/lmHInNlxuacJXwu0fjpXfz/YqYzBIBzD6WUfTIF9GRHpOn/Hz7saL8xz+W//FRAUid1OksQaQx4CMs8LOddcQhULW4ucetDf96JcR3"
    "g0gfRK4PC7E/r7Z6xNrXd2UIeorGj5Ef7b1pJAYB6Y5anaHqZ9J6nKEBvB4DnNLIVWSgARns/8wR2SiRS7MNACwTyrGvt9ts8p12PKFd"
    "lqYTopNHR1Vf7XjfhQlVsAJdNiKdYmYVoKlaRv85IfVunYzO0IKXsyl7JCUjCpoG20f0a04COwfneQAGGwd5oa+T8yO5hzuyDb/XcxxmK"
    "01EpqOyuxINew=="
)


def encrypt(plain: bytes, *, key: str = KEY, pad: bool = True) -> str:
    count = 16 - len(plain) % 16
    padded = plain + bytes([count]) * count if pad else plain
    encryptor = Cipher(algorithms.AES(b64decode(key)), modes.CBC(b64decode(IV))).encryptor()
    return b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def opened(encrypted: str, **changed: str) -> dict[str, Any]:
    return decrypt(encrypted, **{"iv": IV, "session_key": KEY, "app_id": APP_ID, **changed})


def test_the_published_sample_opens() -> None:
    fields = opened(SAMPLE)

    assert fields["watermark"]["appid"] == APP_ID
    assert fields["openId"] == "oGZUI0egBJY1zhBYw2KhdUfwVJJE"
    assert fields["nickName"] == "Band"


def test_the_published_sample_is_nobody_else_s() -> None:
    with pytest.raises(OpenDataRefused, match="another app id"):
        opened(SAMPLE, app_id="wx0000000000000000")


def marked(**fields: Any) -> bytes:
    return json.dumps({"watermark": {"appid": APP_ID, "timestamp": 1}, **fields}).encode()


def test_a_phone_number_opens() -> None:
    assert opened(encrypt(marked(purePhoneNumber="13800000000")))["purePhoneNumber"] == "13800000000"


@pytest.mark.parametrize(
    ("encrypted", "changed"),
    [
        (SAMPLE, {"session_key": "HyVFkGl5F5OQWJZZaNzBBg=="}),
        (SAMPLE, {"session_key": ""}),
        (SAMPLE, {"session_key": "not base64!"}),
        (SAMPLE, {"iv": "AAAA"}),
        (SAMPLE[:-4], {}),
        ("", {}),
        ("é", {}),
        (encrypt(b"x" * 15 + b"\x00", pad=False), {}),
        (encrypt(b"x" * 15 + b"\x11", pad=False), {}),
        (encrypt(b"x" * 14 + b"\x01\x02", pad=False), {}),
        (encrypt(b""), {}),
        (encrypt(b"not json"), {}),
        (encrypt(b"[]"), {}),
        (encrypt(b'{"openId":"o1"}'), {}),
        (encrypt(b'{"watermark":{"appid":1}}'), {}),
        (encrypt(b'{"watermark":{"appid":"wx4f4bc4dec97d474b"},"a":' + b"[" * 3000 + b"]" * 3000 + b"}"), {}),
        ("A" * 100_000, {}),
    ],
)
def test_what_does_not_fit_is_refused(encrypted: str, changed: dict[str, str]) -> None:
    with pytest.raises(OpenDataRefused) as caught:
        opened(encrypted, **changed)

    assert KEY not in str(caught.value)


RAW = (
    '{"nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou","province":"Guangdong","country":"CN",'
    '"avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/1vZvI39NWFQ9XM4LtQpFrQJ1xlgZxx3w7bQxKARol6503Iuswjjn6nIGBiaycA'
    'jAtpujxyzYsrztuuICqIM5ibXQ/0"}'
)


def test_raw_data_with_its_published_signature() -> None:
    signature = "75e81ceda165f4ffa64f4068af58c64b8f54b88c"

    verify_raw_data(RAW, signature=signature, session_key="HyVFkGl5F5OQWJZZaNzBBg==")
    for text, given in ((RAW + " ", signature), (RAW, ""), (RAW, "é" * 40), (RAW, "0" * 40)):
        with pytest.raises(OpenDataRefused):
            verify_raw_data(text, signature=given, session_key="HyVFkGl5F5OQWJZZaNzBBg==")


def test_a_session_is_named_by_the_signature_of_nothing() -> None:
    """RFC 2104's construction over the empty text; computed with OpenSSL."""
    assert session_signature("key") == "5d5d139563c95b5967b9bd9a8c9b233a9dedb45072794cd232dc1b74832607d0"
