"""What an uploaded file may be at most, checked before anything of it is unpacked into memory.

A zip says how large its parts are, and may lie: every part is read through once, which Python ends at the
size stated and refuses where its checksum then differs.
"""

import gzip
import zipfile
import zlib
from pathlib import Path
from typing import Final

from quanyu.flows.imports.errors import FileUnusable

UPLOAD_BYTES_MAX: Final = 200 << 20
BRAND_BYTES_MAX: Final = 2 << 30  # Of all files a brand has uploaded and that are still kept.
UNPACKED_BYTES_MAX: Final = 1 << 30
SHEETS_BYTES_MAX: Final = 300 << 20  # A workbook's texts are held in memory.
OLD_EXCEL_BYTES_MAX: Final = 50 << 20  # It is read whole.
_ENTRIES_MAX: Final = 2_000
_RATIO_MAX: Final = 200
_RATIO_FROM_BYTES: Final = 10 << 20  # Small parts pack well without meaning harm.
_STEP: Final = 1 << 20


def check_unpacked(path: Path, *, name: str, magic: bytes, is_gzip: bool) -> None:
    """Refuse a file that unpacks to more than we can hold.

    Raises:
        FileUnusable: too large unpacked, packed suspiciously well, or its own sizes are wrong.
    """
    if is_gzip:
        _check_gzip(path, name)
    elif magic.startswith(b"PK"):
        _check_zip(path, name)
    elif magic.startswith(b"\xd0\xcf\x11\xe0") and path.stat().st_size > OLD_EXCEL_BYTES_MAX:
        raise _too_large(name, OLD_EXCEL_BYTES_MAX)


def _check_gzip(path: Path, name: str) -> None:
    size = 0
    try:
        with gzip.open(path) as packed:
            while block := packed.read(_STEP):
                size += len(block)
                if size > UNPACKED_BYTES_MAX:
                    raise _too_large(name, UNPACKED_BYTES_MAX)
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(name, error) from error


def _check_zip(path: Path, name: str) -> None:
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
            if len(entries) > _ENTRIES_MAX or sum(one.file_size for one in entries) > SHEETS_BYTES_MAX:
                raise _too_large(name, SHEETS_BYTES_MAX)
            for one in entries:
                if one.file_size > _RATIO_FROM_BYTES and one.file_size > _RATIO_MAX * one.compress_size:
                    raise _too_large(name, SHEETS_BYTES_MAX)
                with packed.open(one) as part:
                    while part.read(_STEP):
                        pass
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise _damaged(name, error) from error


def _too_large(name: str, limit: int) -> FileUnusable:
    megabytes = limit >> 20
    return FileUnusable(
        f"{name}: unpacked it is larger than {megabytes} MB, or packed so tightly that it looks like an "
        "attack; split it, or save it as CSV",
        message_zh=f"{name}：解压后超过 {megabytes} MB，或压缩比异常；请拆分文件，或另存为 CSV",
    )


def _damaged(name: str, error: Exception) -> FileUnusable:
    return FileUnusable(
        f"{name}: the file is damaged or encrypted ({type(error).__name__})",
        message_zh=f"{name}：文件已损坏或已加密（{type(error).__name__}）",
    )
