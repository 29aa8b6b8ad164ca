"""Uploaded files on disk: received with a limit, removed when they are old or room is needed."""

import csv
import re
import shutil
from collections.abc import AsyncIterable
from pathlib import Path
from typing import Final

from quanyu.flows.imports.errors import FileTooLarge, FileUnusable
from quanyu.flows.imports.jobs import upload_folder
from quanyu.flows.imports.rejects import COLUMNS as REJECT_COLUMNS
from quanyu.flows.imports.wizard.guards import UPLOAD_BYTES_MAX
from quanyu.infra.spreadsheet import stated_cell

_NOT_IN_NAMES: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
_NAME_CHARS_MAX: Final = 100
_CELL_CHARS_MAX: Final = 131_072


class Shelf:
    """The directory of uploads; each file lies in a directory of its own, under its own name."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def path_of(self, file_id: int, name: str) -> Path:
        """Return where a file lies."""
        return upload_folder(self._directory, file_id) / name

    async def receive(self, file_id: int, name: str, content: AsyncIterable[bytes]) -> int:
        """Write an upload; return its size in bytes. What is refused leaves nothing behind.

        Raises:
            FileTooLarge: more than ``UPLOAD_BYTES_MAX``.
            FileUnusable: nothing was sent, or the disk does not take it.
        """
        path, size = self.path_of(file_id, name), 0
        try:
            path.parent.mkdir(parents=True, mode=0o700)
            with path.open("xb") as file:
                async for block in content:
                    size += len(block)
                    if size > UPLOAD_BYTES_MAX:
                        raise _too_large()
                    file.write(block)
        except OSError as error:
            self.remove(file_id)
            raise FileUnusable(
                f"{name}: the file cannot be stored ({error.strerror})",
                message_zh=f"{name}：文件无法保存（{error.strerror}）",
            ) from error
        except BaseException:
            self.remove(file_id)
            raise
        if not size:
            self.remove(file_id)
            raise FileUnusable(f"{name}: the file is empty", message_zh=f"{name}：文件为空")
        return size

    def remove(self, file_id: int) -> None:
        """Remove a file; one that is gone is no error."""
        shutil.rmtree(upload_folder(self._directory, file_id), ignore_errors=True)


def safe_name(name: str) -> str:
    """Return a name that is one of a file on every system, its ending kept."""
    cleaned = _NOT_IN_NAMES.sub("_", name).strip(". ") or "file"
    stem, dot, ending = cleaned.rpartition(".")
    if dot and len(ending) < 10:
        return f"{stem[: _NAME_CHARS_MAX - 10]}.{ending}"
    return cleaned[:_NAME_CHARS_MAX]


def unwrap_rejects(path: Path) -> bool:
    """Turn one of our lists of refused rows back into the rows alone; say whether it was one.

    So that it can be corrected in a spreadsheet and uploaded as it is.
    """
    csv.field_size_limit(_CELL_CHARS_MAX)
    unwrapped = path.with_name("unwrapped")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file)
            head = next(rows, [])
            if tuple(head[: len(REJECT_COLUMNS)]) != REJECT_COLUMNS or len(head) == len(REJECT_COLUMNS):
                return False
            with unwrapped.open("w", encoding="utf-8", newline="") as clean:
                written = csv.writer(clean)
                written.writerow(head[len(REJECT_COLUMNS) :])
                for row in rows:
                    written.writerow([stated_cell(cell) for cell in row[len(REJECT_COLUMNS) :]])
    except (UnicodeDecodeError, csv.Error):
        unwrapped.unlink(missing_ok=True)
        return False
    unwrapped.replace(path)
    return True


def _too_large() -> FileTooLarge:
    megabytes = UPLOAD_BYTES_MAX >> 20
    return FileTooLarge(
        f"a file may have {megabytes} MB; pack it with gzip, split it, or import it by the command line",
        message_zh=f"文件不能超过 {megabytes} MB；可用 gzip 压缩、拆分，或在服务器上用命令行导入",
    )
