"""Files of accounts and people: temporary ones for three days, permanent ones in the library."""

import secrets
from dataclasses import dataclass
from enum import StrEnum

from wechat_sandbox.accounts import Account
from wechat_sandbox.state.core import Core
from wechat_sandbox.state.shelf import Blobs, Shelf
from wechat_sandbox.wire.errors import PlatformError

TEMPORARY_LASTS_S = 3 * 86_400
KIB = 1024
MIB = 1024 * 1024


class MediaKind(StrEnum):
    """What a file is used as."""

    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    THUMB = "thumb"


class FileFormat(StrEnum):
    """What a file is, told from its first bytes."""

    JPEG = "jpg"
    PNG = "png"
    GIF = "gif"
    BMP = "bmp"
    AMR = "amr"
    SPEEX = "speex"
    MP3 = "mp3"
    WAV = "wav"
    WMA = "wma"
    MP4 = "mp4"

    @property
    def content_type(self) -> str:
        return _CONTENT_TYPES[self]


_CONTENT_TYPES = {
    FileFormat.JPEG: "image/jpeg",
    FileFormat.PNG: "image/png",
    FileFormat.GIF: "image/gif",
    FileFormat.BMP: "image/bmp",
    FileFormat.AMR: "audio/amr",
    FileFormat.SPEEX: "audio/x-speex",
    FileFormat.MP3: "audio/mpeg",
    FileFormat.WAV: "audio/wav",
    FileFormat.WMA: "audio/x-ms-wma",
    FileFormat.MP4: "video/mp4",
}
_IMAGES = frozenset({FileFormat.JPEG, FileFormat.PNG, FileFormat.GIF})
_ALLOWED: dict[tuple[MediaKind, bool], frozenset[FileFormat]] = {  # (kind, permanent) → formats
    (MediaKind.IMAGE, False): _IMAGES,
    (MediaKind.IMAGE, True): _IMAGES | {FileFormat.BMP},
    (MediaKind.VOICE, False): frozenset({FileFormat.AMR, FileFormat.MP3, FileFormat.SPEEX}),
    (MediaKind.VOICE, True): frozenset({FileFormat.AMR, FileFormat.MP3, FileFormat.WAV, FileFormat.WMA}),
    (MediaKind.VIDEO, False): frozenset({FileFormat.MP4}),
    (MediaKind.VIDEO, True): frozenset({FileFormat.MP4}),
    (MediaKind.THUMB, False): frozenset({FileFormat.JPEG}),
    (MediaKind.THUMB, True): frozenset({FileFormat.JPEG}),
}
_SIZES: dict[MediaKind, tuple[int, int]] = {  # (most bytes, error code)
    MediaKind.IMAGE: (10 * MIB, 40009),
    MediaKind.VOICE: (2 * MIB, 40010),
    MediaKind.VIDEO: (10 * MIB, 40011),
    MediaKind.THUMB: (64 * KIB, 40012),
}
LIBRARY_MAX = {
    MediaKind.IMAGE: 100_000,
    MediaKind.VOICE: 1000,
    MediaKind.VIDEO: 1000,
    MediaKind.THUMB: 1000,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """One file without its bytes; instants in virtual epoch seconds."""

    media_id: str
    kind: MediaKind
    format: FileFormat
    name: str
    created_at: float
    permanent: bool
    url: str = ""
    title: str = ""
    introduction: str = ""


def detect_format(content: bytes) -> FileFormat | None:
    """Tell a format from the first bytes."""
    head = content[:16]
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return FileFormat.WAV
    if head[4:8] == b"ftyp":
        return FileFormat.MP4
    for mark, found in _MARKS:
        if head.startswith(mark):
            return found
    is_mp3_frame = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0
    return FileFormat.MP3 if is_mp3_frame else None


_MARKS = (
    (b"\xff\xd8\xff", FileFormat.JPEG),
    (b"\x89PNG\r\n\x1a\n", FileFormat.PNG),
    (b"GIF8", FileFormat.GIF),
    (b"BM", FileFormat.BMP),
    (b"#!AMR", FileFormat.AMR),
    (b"Speex", FileFormat.SPEEX),
    (b"#!SPX", FileFormat.SPEEX),
    (b"ID3", FileFormat.MP3),
    (b"\x30\x26\xb2\x75", FileFormat.WMA),
)


def check_file(kind: MediaKind, content: bytes, *, permanent: bool) -> FileFormat:
    """Return the format of a file that may be used so.

    Raises:
        PlatformError: 44001 empty, 40009…40012 too large for its kind, 40005 not of an allowed format.
    """
    if not content:
        raise PlatformError(44001)
    most, code = _SIZES[kind]
    if len(content) > most:
        raise PlatformError(code)
    found = detect_format(content)
    if found is None or found not in _ALLOWED[kind, permanent]:
        raise PlatformError(40005)
    return found


class Media:
    """The files of one account."""

    def __init__(self, world: Core, account: Account) -> None:
        self._world = world
        self._account = account
        self._files = Shelf(world.store, "media", MediaFile)
        self._library = Shelf(world.store, "library", str)  # Permanent ones, key → kind, in order.
        self._blobs = Blobs(world.store)

    def add(
        self,
        kind: MediaKind,
        content: bytes,
        at: float,
        *,
        name: str,
        permanent: bool,
        title: str = "",
        introduction: str = "",
    ) -> MediaFile:
        """Keep a checked file.

        Raises:
            PlatformError: see :func:`check_file`; 45001 when the library is full.
        """
        found = check_file(kind, content, permanent=permanent)
        if permanent and self.count(kind) >= LIBRARY_MAX[kind]:
            raise PlatformError(45001)
        media_id = secrets.token_urlsafe(48)
        file = MediaFile(
            media_id=media_id,
            kind=kind,
            format=found,
            name=name or f"{media_id[:8]}.{found}",
            created_at=at,
            permanent=permanent,
            url=public_file_url(self._world, media_id, found),
            title=title,
            introduction=introduction,
        )
        self._blobs.put(media_id, content, found.content_type)
        self._files.put(self._account.appid, media_id, file)
        if permanent:
            self._library.put(self._account.appid, media_id, kind.value)
        return file

    def find(self, media_id: str, at: float) -> MediaFile | None:
        """Return a file that has not expired."""
        file = self._files.find(self._account.appid, media_id)
        if file is None or (not file.permanent and at >= file.created_at + TEMPORARY_LASTS_S):
            return None
        return file

    def get(self, media_id: str, at: float, *kinds: MediaKind) -> MediaFile:
        """Return a file of one of the kinds, any kind when none is named (40007)."""
        file = self.find(media_id, at)
        if file is None or (kinds and file.kind not in kinds):
            raise PlatformError(40007)
        return file

    def get_permanent(self, media_id: str, *kinds: MediaKind) -> MediaFile:
        file = self._files.find(self._account.appid, media_id)
        if file is None or not file.permanent or (kinds and file.kind not in kinds):
            raise PlatformError(40007)
        return file

    def read(self, file: MediaFile) -> bytes:
        """Return the bytes of a file."""
        found = self._blobs.find(file.media_id)
        if found is None:
            raise PlatformError(40007)
        return found[0]

    def drop(self, file: MediaFile) -> None:
        self._files.drop(self._account.appid, file.media_id)
        self._library.drop(self._account.appid, file.media_id)
        self._blobs.drop(file.media_id)

    def count(self, kind: MediaKind) -> int:
        return len(self._ids(kind))

    def page(self, kind: MediaKind, *, offset: int, count: int) -> list[MediaFile]:
        """Return permanent files, newest first."""
        ids = self._ids(kind)[::-1][offset : offset + count]
        return [self.get_permanent(media_id) for media_id in ids]

    def _ids(self, kind: MediaKind) -> list[str]:
        return [key for key, value in self._library.items(self._account.appid) if value == kind]


def public_file_url(world: Core, key: str, found: FileFormat) -> str:
    """Return the address a browser finds a file at."""
    if found is FileFormat.MP4:
        return f"{world.public_url}/mpvideo/{key}"
    name = {FileFormat.JPEG: "jpeg"}.get(found, found.value)
    folder = "mmbiz_jpg" if found is FileFormat.JPEG else f"mmbiz_{found.value}"
    return f"{world.public_url}/{folder}/{key}/0?wx_fmt={name}"


def find_public_file(world: Core, key: str) -> tuple[bytes, str] | None:
    """Return the bytes and content type of a file by its public key."""
    return Blobs(world.store).find(key)
