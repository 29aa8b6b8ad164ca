"""Logins of a mini program: codes people get on their phones, and the session keys they are changed for.

Source: official pages 小程序登录 and 获取手机号 (mirror read 2026-07-30). A code works once, within five
minutes. The documentation leaves open how long a session key lasts; here it is thirty days, and each login
makes a new one.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from wechat_sandbox.accounts import Account
from wechat_sandbox.clock import DAY_S
from wechat_sandbox.relations import Relation
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.errors import PlatformError

CODE_S = 300.0
SESSION_S = 30.0 * DAY_S
SEALED_KEPT_S = 3.0 * DAY_S


class CodeKind(StrEnum):
    """What a code is for; one kind is never taken for another."""

    LOGIN = "login"
    PHONE = "phone"
    PLUGIN = "plugin"
    CARD = "card"  # Of the button that starts a service card.


@dataclass(slots=True, kw_only=True)
class IssuedCode:
    """A code somebody's phone was given."""

    kind: CodeKind
    person: int
    issued_at: float
    used: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """The session of one person."""

    session_key: str  # Base64 of 16 bytes.
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenData:
    """Data sealed for a person, as ``wx.getUserInfo`` and its like hand it to the page."""

    raw_data: str
    signature: str
    encrypted_data: str
    iv: str


class Sessions:
    """Codes and sessions of one mini program."""

    def __init__(self, world: Core, account: Account) -> None:
        self._world = world
        self._account = account
        self._codes = Shelf(world.store, "mini_code", IssuedCode)
        self._sessions = Shelf(world.store, "mini_session", Session)
        self._sealed = Shelf(world.store, "mini_sealed", float)

    def issue_code(self, kind: CodeKind, person: int, at: float) -> str:
        """Give a person's phone a code."""
        code = secrets.token_hex(32) if kind is CodeKind.PHONE else "0" + secrets.token_urlsafe(23)[:31]
        self._codes.put(self._account.appid, code, IssuedCode(kind=kind, person=person, issued_at=at))
        return code

    def take_code(self, kind: CodeKind, code: str, at: float) -> Relation:
        """Change a code for the person behind it.

        Raises:
            PlatformError: 40029 unknown, of another kind or too old, 40163 used before.
        """
        issued = self._codes.find(self._account.appid, code) if code else None
        if issued is None or issued.kind is not kind or at >= issued.issued_at + CODE_S:
            raise PlatformError(40029)
        if issued.used:
            raise PlatformError(40163)
        issued.used = True
        self._codes.put(self._account.appid, code, issued)
        return self._world.get_relation(self._account, issued.person)

    def open(self, relation: Relation, at: float) -> Session:
        """Begin a session; the key before is void."""
        return self._renew(relation, at + SESSION_S)

    def find(self, relation: Relation, at: float) -> Session | None:
        session = self._sessions.find(self._account.appid, relation.openid)
        return session if session is not None and at < session.expires_at else None

    def replace_key(self, relation: Relation, session: Session) -> Session:
        """Give the session another key; it ends when it would have."""
        return self._renew(relation, session.expires_at)

    def check_signature(
        self, relation: Relation, data: str, signature: str, method: str, at: float
    ) -> Session:
        """Check a login-state signature and return the session.

        Raises:
            PlatformError: 87008 another method, 87007 no session, 87009 a wrong signature.
        """
        if method != "hmac_sha256":
            raise PlatformError(87008)
        session = self.find(relation, at)
        if session is None:
            raise PlatformError(87007)
        expected = hmac.new(session.session_key.encode(), data.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            raise PlatformError(87009)
        return session

    def seal(self, session: Session, data: dict[str, Any], at: float, *, raw: str = "") -> OpenData:
        """Encrypt data with a session key, with the watermark the product has to check."""
        watermark = {"timestamp": int(at), "appid": self._account.appid}
        iv = os.urandom(16)
        body = json.dumps(data | {"watermark": watermark}, ensure_ascii=False).encode()
        sealed = base64.b64encode(_encrypt(body, base64.b64decode(session.session_key), iv)).decode()
        self._sealed.put(self._account.appid, hashlib.sha256(sealed.encode()).hexdigest(), at)
        signature = hashlib.sha1((raw + session.session_key).encode(), usedforsecurity=False).hexdigest()
        return OpenData(
            raw_data=raw, signature=signature, encrypted_data=sealed, iv=base64.b64encode(iv).decode()
        )

    def sealed_at(self, digest: str, at: float) -> float | None:
        """Return when the data with this SHA-256 was sealed, if that was within three days."""
        moment = self._sealed.find(self._account.appid, digest)
        return moment if moment is not None and at < moment + SEALED_KEPT_S else None

    def _renew(self, relation: Relation, expires_at: float) -> Session:
        key = base64.b64encode(os.urandom(16)).decode()
        session = Session(session_key=key, expires_at=expires_at)
        self._sessions.put(self._account.appid, relation.openid, session)
        return session


def _encrypt(body: bytes, key: bytes, iv: bytes) -> bytes:
    """AES-128-CBC with the ordinary padding of 16 bytes, unlike callbacks."""
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    padded = padder.update(body) + padder.finalize()
    return encryptor.update(padded) + encryptor.finalize()
