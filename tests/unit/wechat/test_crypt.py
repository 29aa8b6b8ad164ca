"""What MessageCrypt refuses, each with its own reason."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from quanyu.wechat.callbacks.crypto import MessageCrypt, decode_aes_key
from quanyu.wechat.callbacks.errors import (
    BadSignature,
    CallbackRefusal,
    InvalidEncodingKey,
    MalformedCallback,
)

KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
APP_ID = "wx1234567890abcdef"


@pytest.fixture
def crypt() -> MessageCrypt:
    return MessageCrypt(token="token", encoding_aes_key=KEY, app_id=APP_ID)


def encrypt_raw(plain: bytes) -> str:
    key = decode_aes_key(KEY)
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return b64encode(encryptor.update(plain) + encryptor.finalize()).decode()


def open_signed(crypt: MessageCrypt, encrypted: str) -> bytes:
    signature = crypt.sign_sealed(encrypted, timestamp="1", nonce="2")
    return crypt.open(encrypted, msg_signature=signature, timestamp="1", nonce="2")


def layout(message: bytes, *, app_id: str = APP_ID, length: int | None = None) -> bytes:
    stated = len(message) if length is None else length
    return b"r" * 16 + stated.to_bytes(4, "big") + message + app_id.encode()


def padded(body: bytes) -> bytes:
    count = 32 - len(body) % 32
    return body + bytes([count]) * count


def reason_of(crypt: MessageCrypt, encrypted: str) -> CallbackRefusal:
    with pytest.raises(MalformedCallback) as caught:
        open_signed(crypt, encrypted)
    return caught.value.reason


def test_messages_open_one_after_the_other(crypt: MessageCrypt) -> None:
    """The kept cipher context must not let one message touch the next."""
    messages = [b"", b"x", "你好".encode(), b"z" * 5000]

    assert [open_signed(crypt, crypt.seal(message)) for message in messages * 2] == messages * 2


def test_a_refused_message_leaves_the_next_one_alone(crypt: MessageCrypt) -> None:
    broken = encrypt_raw(b"0" * 16)

    assert reason_of(crypt, broken) is CallbackRefusal.MALFORMED_CIPHERTEXT
    assert open_signed(crypt, crypt.seal(b"next")) == b"next"


def test_another_app_id_is_refused(crypt: MessageCrypt) -> None:
    encrypted = encrypt_raw(padded(layout(b"m", app_id="wxsomebodyelse0000")))

    assert reason_of(crypt, encrypted) is CallbackRefusal.WRONG_APP_ID


def test_an_app_id_that_only_begins_alike_is_refused(crypt: MessageCrypt) -> None:
    encrypted = encrypt_raw(padded(layout(b"m", app_id=APP_ID + "0")))

    assert reason_of(crypt, encrypted) is CallbackRefusal.WRONG_APP_ID


@pytest.mark.parametrize("last", [0, 33, 255])
def test_paddings_outside_the_block_are_refused(crypt: MessageCrypt, last: int) -> None:
    plain = bytearray(padded(layout(b"m")))
    plain[-1] = last

    assert reason_of(crypt, encrypt_raw(bytes(plain))) is CallbackRefusal.WRONG_PADDING


def test_uneven_padding_is_refused(crypt: MessageCrypt) -> None:
    plain = bytearray(padded(layout(b"m")))
    plain[-2] ^= 1

    assert reason_of(crypt, encrypt_raw(bytes(plain))) is CallbackRefusal.WRONG_PADDING


def test_a_stated_length_beyond_the_message_is_refused(crypt: MessageCrypt) -> None:
    encrypted = encrypt_raw(padded(layout(b"m", length=2**32 - 1)))

    assert reason_of(crypt, encrypted) is CallbackRefusal.MALFORMED_CIPHERTEXT


@pytest.mark.parametrize("encrypted", ["", "not base64!", "AAAA", "QUJD\n"])
def test_what_is_not_whole_base64_blocks_is_refused(crypt: MessageCrypt, encrypted: str) -> None:
    assert reason_of(crypt, encrypted) is CallbackRefusal.MALFORMED_CIPHERTEXT


def test_nothing_is_decoded_before_the_signature_holds(crypt: MessageCrypt) -> None:
    with pytest.raises(BadSignature):
        crypt.open("not base64!", msg_signature="0" * 40, timestamp="1", nonce="2")


@pytest.mark.parametrize("signature", ["", "é" * 40, "0" * 40])
def test_wrong_signatures_are_refused_whatever_they_hold(crypt: MessageCrypt, signature: str) -> None:
    with pytest.raises(BadSignature):
        crypt.verify_plain(signature=signature, timestamp="1", nonce="2")


@pytest.mark.parametrize("key", ["", "A" * 42, "A" * 44, "A" * 42 + "=", "A" * 42 + "é"])
def test_encoding_keys_of_another_form_are_refused(key: str) -> None:
    with pytest.raises(InvalidEncodingKey):
        MessageCrypt(token="token", encoding_aes_key=key, app_id=APP_ID)
