"""Why a callback is refused: a closed set, each a counter of its own at the door."""

from enum import StrEnum

from quanyu.kernel.errors import ErrorKind
from quanyu.wechat.errors import WechatError


class CallbackRefusal(StrEnum):
    """The reasons for which what claims to be a callback is not taken."""

    BAD_SIGNATURE = "bad_signature"
    MALFORMED_ENVELOPE = "malformed_envelope"  # The outer document is not what the platform sends.
    NOT_ENCRYPTED = "not_encrypted"  # Plaintext mode: the body itself would be unsigned.
    MALFORMED_CIPHERTEXT = "malformed_ciphertext"
    WRONG_PADDING = "wrong_padding"
    WRONG_APP_ID = "wrong_app_id"
    MALFORMED_MESSAGE = "malformed_message"  # The decrypted document cannot be read.


class CallbackRefused(WechatError):
    """A callback that is not taken; nothing of it is kept."""

    code = "wechat.callback_refused"
    kind = ErrorKind.INVALID

    def __init__(self, reason: CallbackRefusal, message: str) -> None:
        super().__init__(message, reason=reason.value)
        self.reason = reason


class BadSignature(CallbackRefused):
    """The signature was not made with this account's token."""

    code = "wechat.bad_signature"
    kind = ErrorKind.FORBIDDEN

    def __init__(self) -> None:
        super().__init__(CallbackRefusal.BAD_SIGNATURE, "the signature does not match this account's token")


class MalformedCallback(CallbackRefused):
    """The document, outer or inner, does not have the platform's form."""

    code = "wechat.malformed_callback"


class InvalidEncodingKey(WechatError):
    """An EncodingAESKey is not 43 letters and digits."""

    code = "wechat.invalid_encoding_key"
