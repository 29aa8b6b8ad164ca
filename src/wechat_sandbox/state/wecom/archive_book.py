"""The conversation archive (会话存档): what was said, sealed as the vendor's native library hands it out.

Only the flow of the library is documented (D 91774): rows with ``encrypt_random_key`` — RSA PKCS#1 v1.5 under
the corp's public key — and ``encrypt_chat_msg``. How the latter is sealed is the vendor's secret; here it is
base64 of ``IV (16 bytes) | AES-256-CBC, PKCS#7``, under SHA-256 of the random key.
"""

import base64
import binascii
import hashlib
import os
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from cryptography.hazmat.primitives import padding as block_padding
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.storage import Storage

KEPT_S: Final = 5 * 86_400.0
ROWS_MAX: Final = 1000
NOTIFY_GAP_S: Final = 15.0
_KEY_BITS: Final = 2048


class BadKey(ValueError):
    """Not a public key of RSA with 2048 bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveSettings:
    """What an administrator has set."""

    enabled: bool = False
    keys: dict[str, str] = field(default_factory=dict)  # Version → PEM; the highest is in use.
    members: dict[str, int] = field(
        default_factory=dict
    )  # Member → edition: 1 office, 2 service, 3 enterprise.
    expired: bool = False

    @property
    def version(self) -> int:
        return max((int(version) for version in self.keys), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveRow:
    """One message as the archive keeps it: already sealed with the key of its day."""

    msgid: str
    at: float
    publickey_ver: int
    encrypt_random_key: str
    encrypt_chat_msg: str

    def as_row(self, seq: int) -> dict[str, object]:
        return {
            "seq": seq,
            "msgid": self.msgid,
            "publickey_ver": self.publickey_ver,
            "encrypt_random_key": self.encrypt_random_key,
            "encrypt_chat_msg": self.encrypt_chat_msg,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A group of colleagues, without customers."""

    roomid: str
    name: str
    creator: str
    create_time: int
    members: tuple[str, ...]
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Robot:
    """A robot that speaks in groups."""

    robot_id: str
    name: str
    creator: str


def read_public_key(pem: str) -> rsa.RSAPublicKey:
    """Read a corp's public key.

    Raises:
        BadKey: no PEM, or another kind or size of key.
    """
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, TypeError) as error:
        raise BadKey("not a public key in PEM") from error
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size != _KEY_BITS:
        raise BadKey("the archive takes RSA keys of 2048 bits")
    return key


def seal(message: dict[str, Any], pem: str) -> tuple[str, str]:
    """Return (``encrypt_random_key``, ``encrypt_chat_msg``) of a message."""
    random_key = base64.b64encode(os.urandom(32))
    sealed_key = read_public_key(pem).encrypt(random_key, padding.PKCS1v15())
    return base64.b64encode(sealed_key).decode(), seal_text(random_key.decode(), message)


def seal_text(random_key: str, message: dict[str, Any]) -> str:
    padder = block_padding.PKCS7(128).padder()
    padded = padder.update(msgspec.json.encode(message)) + padder.finalize()
    start = os.urandom(16)
    encryptor = _cipher(random_key, start).encryptor()
    return base64.b64encode(start + encryptor.update(padded) + encryptor.finalize()).decode()


def open_text(random_key: str, sealed: str) -> bytes:
    """Do what ``DecryptData`` of the library does.

    Raises:
        ValueError: another key, or something that was never sealed.
    """
    try:
        raw = base64.b64decode(sealed, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(raw) < 32 or len(raw) % 16:
        raise ValueError("not a whole number of blocks")
    decryptor = _cipher(random_key, raw[:16]).decryptor()
    unpadder = block_padding.PKCS7(128).unpadder()
    return unpadder.update(decryptor.update(raw[16:]) + decryptor.finalize()) + unpadder.finalize()


def _cipher(random_key: str, start: bytes) -> "Cipher[modes.CBC]":
    return Cipher(algorithms.AES(hashlib.sha256(random_key.encode()).digest()), modes.CBC(start))


class ArchiveBook:
    """The archive of one corp."""

    def __init__(self, store: Storage, corpid: str) -> None:
        self._store = store
        self._corpid = corpid
        self._rows = Shelf(store, "wecom_archive", ArchiveRow)
        self._rooms = Shelf(store, "wecom_room", Room)
        self._robots = Shelf(store, "wecom_robot", Robot)

    @property
    def settings(self) -> ArchiveSettings:
        body = self._store.read_meta(f"wecom_archive:{self._corpid}")
        return ArchiveSettings() if body is None else msgspec.convert(body, ArchiveSettings)

    def set(self, settings: ArchiveSettings) -> None:
        self._store.write_meta(f"wecom_archive:{self._corpid}", settings)

    def append(self, row: ArchiveRow) -> int:
        key = f"wecom_archive_seq:{self._corpid}"
        seq = int(self._store.read_meta(key) or 0) + 1
        self._store.write_meta(key, seq)
        self._rows.put(self._corpid, f"{seq:012d}", row)
        return seq

    def rows(self, after: int, limit: int, at: float) -> list[tuple[int, ArchiveRow]]:
        """Return rows after a number, not older than five days."""
        found = self._rows.after(self._corpid, f"{after:012d}")
        return [(int(key), row) for key, row in found if at - row.at < KEPT_S][:limit]

    def find_room(self, roomid: str) -> Room | None:
        return self._rooms.find(self._corpid, roomid)

    def save_room(self, room: Room) -> None:
        self._rooms.put(self._corpid, room.roomid, room)

    def find_robot(self, robot_id: str) -> Robot | None:
        return self._robots.find(self._corpid, robot_id)

    def save_robot(self, robot: Robot) -> None:
        self._robots.put(self._corpid, robot.robot_id, robot)
