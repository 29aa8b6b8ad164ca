"""Keys: sealing what is personal, and finding it again without reading it.

The master key file holds two kinds of keys. *Sealing keys* encrypt (AES-256-GCM); the newest seals, all open.
*Blind keys* turn a value into a token that is equal for equal values and says nothing without the key. Both
carry numbers, so either can be replaced while old data stays readable.
"""

import base64
import hashlib
import json
import os
import secrets
import struct
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from quanyu.infra.data_directory import DataDirectory
from quanyu.infra.secret_file import read_or_create_secret, read_secret, write_secret
from quanyu.kernel.errors import InvalidInput

KEY_BYTES = 32
TOKEN_BYTES = 16
BIGRAMS_MAX = 256

_FORMAT = 1
_HEADER = struct.Struct(">BH16s12s")  # format, number of the sealing key, salt of the derived key, nonce
_DERIVED_KEY_SEALS_MAX = 2**20  # Far below the 2^32 random nonces one AES-GCM key allows.
_DATA_KEY_NUMBER = 0  # Sealed with a key of its own instead of one of the ring's.


class MasterKeyMissing(InvalidInput):
    """There is sealed data but no master key: a new one would make that data unreadable for good."""

    code = "crypto.master_key_missing"


class MasterKeyUnusable(InvalidInput):
    """The master key file is damaged, or belongs to another deployment."""

    code = "crypto.master_key_unusable"


class CannotOpen(InvalidInput):
    """Sealed data was changed, cut short, or sealed with a key we do not have."""

    code = "crypto.cannot_open"


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The content of the master key file: numbered keys, at least one of each kind, numbers from 1."""

    sealing: Mapping[int, bytes]
    blind: Mapping[int, bytes]

    @classmethod
    def new(cls) -> "KeyFile":
        return cls({1: secrets.token_bytes(KEY_BYTES)}, {1: secrets.token_bytes(KEY_BYTES)})

    @classmethod
    def parse(cls, content: bytes) -> "KeyFile":
        """Read the file's JSON form.

        Raises:
            MasterKeyUnusable: it is not one.
        """
        try:
            document = json.loads(content)
            if document["format"] != "quanyu-master-key-1":
                raise ValueError("unknown format")
            keys = cls(_decode_keys(document["sealing"]), _decode_keys(document["blind"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MasterKeyUnusable(
                "The master key file is damaged. Put the copy from your backup in its place.",
                message_zh="主密钥文件已损坏，请用备份中的副本替换。",
            ) from error
        return keys

    def serialise(self) -> bytes:
        document = {
            "format": "quanyu-master-key-1",
            "sealing": {str(number): base64.b64encode(key).decode() for number, key in self.sealing.items()},
            "blind": {str(number): base64.b64encode(key).decode() for number, key in self.blind.items()},
        }
        return json.dumps(document, indent=1).encode() + b"\n"

    def fingerprint(self) -> str:
        """Name this deployment's keys without telling them; it stays when keys are replaced."""
        return hashlib.blake2b(
            self.sealing[1] + self.blind[1], digest_size=8, person=b"quanyu.name"
        ).hexdigest()


class KeyRing:
    """Seal, open and blind. Safe to share between threads."""

    def __init__(self, keys: KeyFile) -> None:
        self._keys = keys
        self._sealing_number = max(keys.sealing)
        self._blind_version = max(keys.blind)
        self._blind_states = {
            number: _blind_state(key, b"quanyu.blind") for number, key in keys.blind.items()
        }
        self._bigram_state = _blind_state(keys.blind[self._blind_version], b"quanyu.bigram")
        self._current = self._blind_states[self._blind_version]
        self._cipher_for = lru_cache(maxsize=4096)(self._derive_cipher)
        self._salt = b""
        self._seals_left = 0

    @classmethod
    def load_or_create(cls, path: Path) -> "KeyRing":
        """Read the master key file, made when there is none. Prefer ``open_key_ring``: it guards data.

        Raises:
            MasterKeyUnusable: the file is damaged.
            InsecureSecretFile: others may read it.
        """
        return cls(KeyFile.parse(read_or_create_secret(path, lambda: KeyFile.new().serialise())))

    @property
    def fingerprint(self) -> str:
        return self._keys.fingerprint()

    @property
    def blind_version(self) -> int:
        """The number of the blind key in use: stored beside tokens where they must outlive a replacement."""
        return self._blind_version

    @property
    def blind_versions(self) -> tuple[int, ...]:
        return tuple(sorted(self._blind_states))

    def seal(self, data: bytes, *, context: bytes = b"") -> bytes:
        """Encrypt and authenticate. ``context`` is not stored; opening needs the same one."""
        if self._seals_left <= 0:
            self._salt = os.urandom(16)
            self._seals_left = _DERIVED_KEY_SEALS_MAX
        self._seals_left -= 1
        salt = self._salt
        header = _HEADER.pack(_FORMAT, self._sealing_number, salt, nonce := os.urandom(12))
        return header + self._cipher_for(self._sealing_number, salt).encrypt(nonce, data, header + context)

    def open(self, sealed: bytes, *, context: bytes = b"") -> bytes:
        """Decrypt what ``seal`` made.

        Raises:
            CannotOpen: it was changed, cut short, sealed for another context or with an unknown key.
        """
        number, salt, nonce, header = _split(sealed)
        if number not in self._keys.sealing:
            raise CannotOpen(f"Sealed with key {number}, which the master key file does not hold.")
        return _decrypt(self._cipher_for(number, salt), nonce, sealed, header + context)

    def blind(self, namespace: str, scope: str, value: str) -> bytes:
        """Return the 16-byte token of an identifier: equal for equal input, in every process and for good."""
        # Lengths in front: no two different triples give the same bytes, whatever characters they hold.
        text = f"{len(namespace)}:{len(scope)}:{namespace}{scope}{value}"
        state = self._current.copy()
        state.update(text.encode("utf-8", "surrogatepass"))
        return state.digest()

    def blind_with(self, version: int, namespace: str, scope: str, value: str) -> bytes:
        """Return the token under an older blind key, to find what is not yet re-blinded."""
        text = f"{len(namespace)}:{len(scope)}:{namespace}{scope}{value}"
        state = self._blind_states[version].copy()
        state.update(text.encode("utf-8", "surrogatepass"))
        return state.digest()

    def bigrams(self, text: str) -> tuple[int, ...]:
        """Return the tokens to store for a name: every character and pair, as sorted 64-bit integers."""
        folded = _fold(text)
        pieces = {*folded, *(folded[at : at + 2] for at in range(len(folded) - 1))}
        return tuple(sorted(self._bigram(piece) for piece in pieces))

    def bigram_query(self, text: str) -> tuple[int, ...]:
        """Return the tokens a stored name must contain (``@>``) to be a candidate for ``text``."""
        folded = _fold(text)
        pieces = {folded} if len(folded) == 1 else {folded[at : at + 2] for at in range(len(folded) - 1)}
        return tuple(sorted(self._bigram(piece) for piece in pieces))

    def new_data_key(self) -> tuple["DataKey", bytes]:
        """Make a key for one owner (a person) and its sealed form to store: deleting that erases the data."""
        key = secrets.token_bytes(KEY_BYTES)
        return DataKey(key), self.seal(key, context=b"data-key")

    def open_data_key(self, sealed: bytes) -> "DataKey":
        """Return a stored data key.

        Raises:
            CannotOpen: it is not one.
        """
        return DataKey(self.open(sealed, context=b"data-key"))

    def _bigram(self, piece: str) -> int:
        state = self._bigram_state.copy()
        state.update(piece.encode("utf-8", "surrogatepass"))
        return int.from_bytes(state.digest()[:8], "big", signed=True)

    def _derive_cipher(self, number: int, salt: bytes) -> AESGCM:
        key = self._keys.sealing[number]
        return AESGCM(hashlib.blake2b(salt, digest_size=KEY_BYTES, key=key, person=b"quanyu.seal").digest())


class DataKey:
    """One owner's key. It seals few things, so random nonces under the one key are safe."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, data: bytes, *, context: bytes = b"") -> bytes:
        header = _HEADER.pack(_FORMAT, _DATA_KEY_NUMBER, bytes(16), nonce := os.urandom(12))
        return header + self._cipher.encrypt(nonce, data, header + context)

    def open(self, sealed: bytes, *, context: bytes = b"") -> bytes:
        """Decrypt what this key sealed.

        Raises:
            CannotOpen: it was changed or sealed with another key.
        """
        number, _, nonce, header = _split(sealed)
        if number != _DATA_KEY_NUMBER:
            raise CannotOpen("Not sealed with a data key.")
        return _decrypt(self._cipher, nonce, sealed, header + context)


def open_key_ring(data: DataDirectory, path: Path | None = None) -> KeyRing:
    """Return the deployment's key ring, making the master key on the very first start only.

    A note beside the data remembers which keys it was sealed with, so that a lost or exchanged master key is
    noticed before anything is written with a wrong one.

    Raises:
        MasterKeyMissing: the key file is gone although data was sealed with it.
        MasterKeyUnusable: it is damaged, or not the one the data was sealed with.
    """
    key_path = path or data.master_key
    note = data.root / "master-key.fingerprint"
    expected = note.read_text().strip() if note.exists() else ""
    if expected and not key_path.exists():
        raise MasterKeyMissing(
            f"The master key {key_path} is gone. Put its backup copy back; without it phone numbers, names "
            "and raw messages stay unreadable (docs/runbooks/master-key.md).",
            message_zh=f"主密钥 {key_path} 丢失，请放回备份副本；否则手机号、姓名和原始消息将无法读取。",
        )
    ring = KeyRing.load_or_create(key_path)
    if expected and ring.fingerprint != expected:
        raise MasterKeyUnusable(
            f"The master key {key_path} is not the one this data was sealed with ({expected}).",
            message_zh=f"主密钥 {key_path} 与此数据不匹配（应为 {expected}）。",
        )
    if not expected:
        write_secret(note, f"{ring.fingerprint}\n".encode())
    return ring


def add_sealing_key(path: Path) -> int:
    """Add a sealing key to the master key file and return its number; older data stays readable."""
    keys = KeyFile.parse(read_secret(path))
    number = max(keys.sealing) + 1
    extended = KeyFile({**keys.sealing, number: secrets.token_bytes(KEY_BYTES)}, keys.blind)
    write_secret(path, extended.serialise())
    return number


def _decode_keys(encoded: Mapping[str, str]) -> dict[int, bytes]:
    keys = {int(number): base64.b64decode(text, validate=True) for number, text in encoded.items()}
    if 1 not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
        raise ValueError("a key is missing or has the wrong length")
    return keys


def _blind_state(key: bytes, purpose: bytes) -> "hashlib.blake2b":
    # Copying a state that has already absorbed the key is half the work of starting anew.
    return hashlib.blake2b(digest_size=TOKEN_BYTES, key=key, person=purpose)


def _split(sealed: bytes) -> tuple[int, bytes, bytes, bytes]:
    header = sealed[: _HEADER.size]
    if len(header) < _HEADER.size or header[0] != _FORMAT:
        raise CannotOpen("Not sealed data, or cut short.")
    _, number, salt, nonce = _HEADER.unpack(header)
    return number, salt, nonce, header


def _decrypt(cipher: AESGCM, nonce: bytes, sealed: bytes, associated: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, sealed[_HEADER.size :], associated)
    except (InvalidTag, ValueError):
        raise CannotOpen("Sealed data was changed, or sealed for another purpose.") from None


def _fold(text: str) -> str:
    """Reduce a name to what is compared: width, case and spaces do not count."""
    folded = unicodedata.normalize("NFKC", text[:BIGRAMS_MAX]).casefold()
    return "".join(folded.split())[:BIGRAMS_MAX]
