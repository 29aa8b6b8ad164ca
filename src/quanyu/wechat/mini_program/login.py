"""Signing people in: what the codes of the front end are worth, and the session they open.

A ``js_code`` is good once, for five minutes; a person has one valid session key at a time.
Source: developers.weixin.qq.com, 小程序登录, 用户信息 and 手机号 (read 2026).
"""

import hmac
from hashlib import sha256
from typing import Final

import msgspec

from quanyu.wechat.calls import Answer, Call, Done, Part, Proof, Request


class CodeRequest(Request, frozen=True, tag_field="grant_type", tag="authorization_code"):
    js_code: str


class Session(Answer, frozen=True):
    openid: str
    session_key: str  # Base64 of 16 bytes. It never leaves our servers.
    unionid: str = ""


class SessionRequest(Request, frozen=True, tag_field="sig_method", tag="hmac_sha256"):
    """Names a session by a signature made with its key, instead of by the key."""

    openid: str
    signature: str


class SessionReset(Answer, frozen=True):
    openid: str
    session_key: str  # The new one; it ends when the old one would have.


class PaidRequest(Request, frozen=True):
    """A payment of the last five minutes: by ``transaction_id``, or by the two others."""

    openid: str
    transaction_id: str = ""
    mch_id: str = ""
    out_trade_no: str = ""


class UnionId(Answer, frozen=True):
    unionid: str


class PluginCodeRequest(Request, frozen=True):
    code: str


class PluginOpenPid(Answer, frozen=True):
    openpid: str


class EncryptKey(Part, frozen=True):
    encrypt_key: str  # Base64
    iv: str
    version: int = 0
    expire_in: int = 0  # Seconds.
    create_time: int = 0


class EncryptKeysAnswer(Answer, frozen=True):
    key_info_list: tuple[EncryptKey, ...] = ()  # The latest three.


class PhoneRequest(Request, frozen=True):
    code: str  # Of the phone button, not of the login.
    openid: str = ""  # Given, the platform checks that the code is this person's.


class Watermark(Part, frozen=True):
    appid: str
    timestamp: int = 0


class PhoneInfo(Part, frozen=True):
    phoneNumber: str  # With the country code where it is not China's.
    purePhoneNumber: str = ""
    countryCode: str = ""
    watermark: Watermark | None = None


class PhoneAnswer(Answer, frozen=True):
    phone_info: PhoneInfo


class EncryptedHashRequest(Request, frozen=True):
    encrypted_msg_hash: str  # SHA-256 of ``encryptedData``, in hexadecimal.


class EncryptedHashAnswer(Answer, frozen=True):
    is_valid: bool = msgspec.field(name="vaild", default=False)  # The platform misspells it.
    create_time: int = 0


EXCHANGE: Final = Call("GET", "/sns/jscode2session", CodeRequest, Session, proof=Proof.SECRET)
CHECK_SESSION: Final = Call("GET", "/wxa/checksession", SessionRequest, Done, repeatable=True)
# Each reset makes another key, so an unknown outcome leaves the session to be opened anew.
RESET_SESSION: Final = Call("GET", "/wxa/resetusersessionkey", SessionRequest, SessionReset)
PAID_UNION_ID: Final = Call("GET", "/wxa/getpaidunionid", PaidRequest, UnionId, repeatable=True)
PLUGIN_OPEN_PID: Final = Call("POST", "/wxa/getpluginopenpid", PluginCodeRequest, PluginOpenPid)
ENCRYPT_KEYS: Final = Call(
    "POST",
    "/wxa/business/getuserencryptkey",
    SessionRequest,
    EncryptKeysAnswer,
    repeatable=True,
    query=("openid", "signature", "sig_method"),
)
PHONE: Final = Call("POST", "/wxa/business/getuserphonenumber", PhoneRequest, PhoneAnswer)
CHECK_ENCRYPTED: Final = Call(
    "POST", "/wxa/business/checkencryptedmsg", EncryptedHashRequest, EncryptedHashAnswer, repeatable=True
)


def session_signature(session_key: str, text: str = "") -> str:
    """Return the signature of ``text`` by which a session is named; checking it signs the empty text."""
    # The key is the Base64 text itself, not the bytes it stands for.
    return hmac.new(session_key.encode(), text.encode(), sha256).hexdigest()
