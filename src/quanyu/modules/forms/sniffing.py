"""What a file that a stranger sent really is: told by its content, never by its name. Pure.

Pictures are drawn anew, which drops whatever else was in the file: places, thumbnails, a second file behind
the picture. Documents stay as they are: those that are two things at once, or grow when opened, are refused.
"""

import io
import warnings
import zipfile
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

PIXELS_MAX: Final = 50_000_000
SIDE_MAX: Final = 4_096  # Larger pictures are made smaller.
_PARTS_MAX: Final = 2_000
_GROWS_MAX: Final = 100  # Times its size, of any part and of all.
_WHOLE_MAX: Final = 200 * 1024 * 1024
_QUALITY: Final = 88
_ZIP_END: Final = b"PK\x05\x06"
_ZIP_END_MAX: Final = 22 + 65_535  # The end of a directory, with the longest comment behind it.
# What a package must hold to be this document.
_OFFICE: Final = (
    ("word/document.xml", "docx"),
    ("xl/workbook.xml", "xlsx"),
    ("ppt/presentation.xml", "pptx"),
)
MEDIA_TYPES: Final = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
IMAGES: Final = frozenset({"jpg", "png"})


class Unsafe(Exception):
    """A file is not taken; told in both languages."""

    def __init__(self, code: str, text: str, text_zh: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.text_zh = text_zh


@dataclass(frozen=True, slots=True)
class Sniffed:
    """A file as it is kept."""

    kind: str  # Of ``MEDIA_TYPES``.
    content: bytes


def sniff(content: bytes, *, images_only: bool) -> Sniffed:
    """Return what a file is, and what is kept of it. Takes up to a second for large pictures.

    Raises:
        Unsafe: it is none of the kinds that are taken, broken, or more than it says.
    """
    if _is_image(content):
        return _draw_anew(content)
    if images_only:
        raise Unsafe("no_image", "only pictures (JPEG, PNG, WebP, GIF) are taken", "仅支持图片")
    if content.startswith(b"%PDF-"):
        return Sniffed("pdf", _pdf(content))
    if content.startswith(b"PK\x03\x04"):
        return Sniffed(_office(content), content)
    raise Unsafe(
        "file_kind",
        "only pictures, PDF and Office files (docx, xlsx, pptx) are taken",
        "仅支持图片、PDF 和 Office 文件（docx、xlsx、pptx）",
    )


def _is_image(content: bytes) -> bool:
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")):
        return True
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def _draw_anew(content: bytes) -> Sniffed:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP", "GIF")) as opened:
                if opened.width * opened.height > PIXELS_MAX:
                    raise _too_large()
                opened.draft("RGB", (SIDE_MAX, SIDE_MAX))
                picture = ImageOps.exif_transpose(opened)
                picture.thumbnail((SIDE_MAX, SIDE_MAX))
                has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
                picture = picture.convert("RGBA" if has_alpha else "RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except (OSError, ValueError, SyntaxError, EOFError, IndexError) as error:
        raise Unsafe("broken", "the picture cannot be opened", "图片已损坏，无法打开") from error
    drawn = io.BytesIO()
    if has_alpha:
        picture.save(drawn, "PNG")
        return Sniffed("png", drawn.getvalue())
    picture.save(drawn, "JPEG", quality=_QUALITY)
    return Sniffed("jpg", drawn.getvalue())


def _too_large() -> Unsafe:
    return Unsafe("too_large", "the picture has more than 50 million pixels", "图片像素过大（超过 5000 万）")


def _pdf(content: bytes) -> bytes:
    if b"%%EOF" not in content[-2_048:]:
        raise Unsafe("broken", "the PDF has no end", "PDF 不完整")
    if _ZIP_END in content[-_ZIP_END_MAX:]:
        raise Unsafe("polyglot", "the file is a PDF and an archive at once", "PDF 夹带压缩包，已拒绝")
    if any(word in content for word in (b"/JavaScript", b"/Launch", b"/EmbeddedFile")):
        raise Unsafe("active", "the PDF holds programs or other files", "PDF 含有脚本或内嵌文件，已拒绝")
    return content


def _office(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            starts = min((part.header_offset for part in parts), default=1)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Unsafe("broken", "the file cannot be opened", "文件已损坏，无法打开") from error
    names = {part.filename for part in parts}
    kind = next((kind for part, kind in _OFFICE if part in names), None)
    if kind is None or "[Content_Types].xml" not in names:
        raise Unsafe("file_kind", "archives are not taken", "不支持压缩包")
    if starts != 0:
        raise Unsafe("polyglot", "something else stands before the document", "文件夹带其他内容，已拒绝")
    whole = sum(part.file_size for part in parts)
    if (
        len(parts) > _PARTS_MAX
        or whole > _WHOLE_MAX
        or whole > _GROWS_MAX * len(content)
        or any(part.file_size > _GROWS_MAX * max(part.compress_size, 1_024) for part in parts)
    ):
        raise Unsafe("bomb", "the file grows too much when it is opened", "文件解压后过大，已拒绝")
    if any(part.flag_bits & 1 for part in parts):
        raise Unsafe("encrypted", "the file is encrypted", "文件已加密，无法接收")
    if any(name.lower().endswith(("vbaproject.bin", ".exe", ".zip", ".js")) for name in names):
        raise Unsafe("active", "the file holds macros or other files", "文件含有宏或内嵌文件，已拒绝")
    return kind
