"""Files of a company: for three days, shared by all its apps.

Source: official pages 90253 (temporary), 90256 (pictures for content), 95098 (attachments).
"""

import secrets
from dataclasses import dataclass

from wechat_sandbox.state.core import Core
from wechat_sandbox.state.media import MIB, FileFormat, detect_format, public_file_url
from wechat_sandbox.state.shelf import Blobs, Shelf
from wechat_sandbox.state.wecom.corp import Corp
from wechat_sandbox.wire.errors import PlatformError

LASTS_S = 3 * 86_400
BYTES_LEAST = 6  # Every file is larger than five bytes.
MOMENTS, ALBUM = 1, 2  # ``attachment_type``
_PICTURES = frozenset({FileFormat.JPEG, FileFormat.PNG})
_FORMATS: dict[str, frozenset[FileFormat]] = {
    "image": _PICTURES,
    "voice": frozenset({FileFormat.AMR}),
    "video": frozenset({FileFormat.MP4}),
}
_SIZES = {"image": 10 * MIB, "voice": 2 * MIB, "video": 10 * MIB, "file": 20 * MIB}
ATTACHMENT_FILE_MAX = 10 * MIB
_AMR_BYTES_A_SECOND = 1600  # Fifty frames of 32 bytes at the best quality.
VOICE_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpFile:
    """One file without its bytes."""

    media_id: str
    kind: str  # image, voice, video or file
    name: str
    content_type: str
    created_at: float
    attachment_type: int = 0  # 1 for moments, 2 for the product album; 0 an ordinary file.


class CorpMedia:
    """The files of one company."""

    def __init__(self, world: Core, corp: Corp) -> None:
        self._world = world
        self._corp = corp
        self._files = Shelf(world.store, "corp_media", CorpFile)
        self._pictures = Shelf(world.store, "corp_picture", str)  # Key → address.
        self._blobs = Blobs(world.store)

    def add(
        self, kind: str, content: bytes, at: float, *, name: str, attachment_type: int = 0, size_max: int = 0
    ) -> CorpFile:
        """Keep a file.

        Raises:
            PlatformError: 40004 no such kind, 44001 empty, 40006 too small, 45001 too large, 40005 of another
                format, 45007 a voice of more than a minute.
        """
        content_type = check_file(kind, content, size_max=size_max)
        media_id = secrets.token_urlsafe(48)
        file = CorpFile(
            media_id=media_id,
            kind=kind,
            name=name or media_id[:12],
            content_type=content_type,
            created_at=at,
            attachment_type=attachment_type,
        )
        self._blobs.put(media_id, content, content_type)
        self._files.put(self._corp.corpid, media_id, file)
        return file

    def get(self, media_id: str, at: float, *kinds: str, attachment_type: int | None = None) -> CorpFile:
        """Return a file that has not expired, of one of the kinds when some are named (40007)."""
        file = self._files.find(self._corp.corpid, media_id)
        if file is None or at >= file.created_at + LASTS_S or (kinds and file.kind not in kinds):
            raise PlatformError(40007)
        if attachment_type is not None and file.attachment_type != attachment_type:
            raise PlatformError(40007)
        return file

    def read(self, file: CorpFile) -> bytes:
        found = self._blobs.find(file.media_id)
        if found is None:
            raise PlatformError(40007)
        return found[0]

    def add_picture(self, content: bytes) -> str:
        """Keep a picture for good and return its address.

        Raises:
            PlatformError: 44001 empty, 40009 larger than 2 MB, 40005 neither JPEG nor PNG.
        """
        if not content:
            raise PlatformError(44001)
        if not BYTES_LEAST <= len(content) <= 2 * MIB:
            raise PlatformError(40009)
        found = detect_format(content)
        if found not in _PICTURES:
            raise PlatformError(40005)
        key = secrets.token_urlsafe(48)
        self._blobs.put(key, content, found.content_type)
        url = public_file_url(self._world, key, found)
        self._pictures.put(self._corp.corpid, key, url)
        return url

    def has_picture(self, url: str) -> bool:
        """Whether an address is one ``uploadimg`` gave out."""
        return url in self._pictures.values(self._corp.corpid)


def check_file(kind: str, content: bytes, *, size_max: int = 0) -> str:
    """Return the content type of a file that may be used so; see :meth:`CorpMedia.add`."""
    if kind not in _SIZES:
        raise PlatformError(40004)
    if not content:
        raise PlatformError(44001)
    if len(content) < BYTES_LEAST:
        raise PlatformError(40006)
    if len(content) > (size_max or _SIZES[kind]):
        raise PlatformError(45001)
    found = detect_format(content)
    if kind in _FORMATS and found not in _FORMATS[kind]:
        raise PlatformError(40005)
    if kind == "voice" and len(content) > _AMR_BYTES_A_SECOND * VOICE_S:
        raise PlatformError(45007)
    return found.content_type if found else "application/octet-stream"
