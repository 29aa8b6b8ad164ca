"""Opening a file: which format it is, gzip or not, and the source of its rows."""

import gzip
import shutil
from pathlib import Path
from typing import Final

from quanyu.flows.imports.mapping import FileFormat, FileKind
from quanyu.flows.imports.rows import RowSource, unusable
from quanyu.flows.imports.text_rows import TextRows

_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK\x03\x04"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_PARQUET: Final = b"PAR1"


def open_rows(path: Path, fmt: FileFormat, *, scratch: Path) -> RowSource:
    """Open ``path``; what must be unpacked first goes to the directory ``scratch``.

    Raises:
        FileUnusable: missing, empty, unreadable, or of another format than the map says.
    """
    if not path.exists():
        raise unusable(str(path), zh="文件不存在", en="there is no such file")
    if not path.is_file():
        raise unusable(str(path), zh="这是目录或设备，不是文件", en="a directory or a device, no file")
    try:
        magic, is_gzip = read_magic(path)
    except (OSError, EOFError) as error:
        raise unusable(str(path), zh=f"无法读取：{error}", en=f"cannot be read: {error}") from error
    if not magic:
        raise unusable(str(path), zh="文件为空", en="the file is empty")
    kind = file_kind(magic)
    if fmt.kind is not None and fmt.kind is not kind:
        raise unusable(
            str(path),
            zh=f"映射文件说是 {fmt.kind}，实际是 {kind}",
            en=f"the map says {fmt.kind}, but this is {kind}",
        )
    if kind is FileKind.CSV:
        return TextRows(path, fmt, is_gzip=is_gzip)
    # Imported only here: each of them costs memory that the other formats need not pay.
    if kind is FileKind.PARQUET:
        from quanyu.flows.imports.parquet_rows import ParquetRows

        return ParquetRows(_unpacked(path, scratch, is_gzip=is_gzip), shown=path)
    from quanyu.flows.imports.excel_rows import ExcelRows

    return ExcelRows(_unpacked(path, scratch, is_gzip=is_gzip), fmt, shown=path)


def read_magic(path: Path) -> tuple[bytes, bool]:
    """Return the first four bytes, of what gzip holds where it is that, and whether it is."""
    with path.open("rb") as file:
        head = file.read(4)
    if not head.startswith(_GZIP):
        return head, False
    with gzip.open(path) as packed:
        return packed.read(4), True


def file_kind(magic: bytes) -> FileKind:
    """Return the format a file's first bytes tell."""
    if magic == _PARQUET:
        return FileKind.PARQUET
    return FileKind.XLSX if magic in (_ZIP, _OLD_EXCEL) else FileKind.CSV


def _unpacked(path: Path, scratch: Path, *, is_gzip: bool) -> Path:
    """Parquet and Excel are read from their end, which gzip cannot do: unpack to disk first."""
    if not is_gzip:
        return path
    target = scratch / "unpacked"
    try:
        with gzip.open(path) as packed, target.open("wb") as plain:
            shutil.copyfileobj(packed, plain, 1 << 20)
    except (OSError, EOFError) as error:
        raise unusable(
            str(path), zh=f"gzip 已损坏：{error}", en=f"the gzip data is damaged: {error}"
        ) from error
    return target
