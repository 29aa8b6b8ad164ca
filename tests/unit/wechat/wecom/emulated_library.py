"""The same emulation in Python, for a machine without a C compiler; run as the archive's process."""

import os
import signal
import time
from pathlib import Path

from quanyu.wechat.wecom.archive_library import LibraryError, MediaPiece
from quanyu.wechat.wecom.archive_process import Opening, main


class EmulatedLibrary:
    """See ``emulated_library.c``."""

    def __init__(self, opening: Opening) -> None:
        print("a library that talks on standard output", flush=True)
        if not opening.corp_id.startswith("ww"):
            raise LibraryError("Init", 10000)
        self._directory = Path(opening.secret)

    def chat_data(self, seq: int, limit: int) -> bytes:
        if self._happens("crash"):
            os.kill(os.getpid(), signal.SIGSEGV)
        while self._happens("hang"):
            time.sleep(1000)
        if (code := self._directory / "fail").exists():
            raise LibraryError("GetChatData", int(code.read_text()))
        rows = self._directory / "chatdata.json"
        if seq or not rows.exists():
            return b'{"errcode":0,"errmsg":"ok","chatdata":[]}'
        return rows.read_bytes()

    def decrypt(self, random_key: str, encrypted: str) -> bytes:
        try:
            sealed = bytes.fromhex(encrypted)
        except ValueError:
            raise LibraryError("DecryptData", 10006) from None
        key = random_key.encode()
        return bytes(one ^ key[at % len(key)] for at, one in enumerate(sealed))

    def media(self, file_id: str, index: str) -> MediaPiece:
        file, at = self._directory / file_id, int(index or 0)
        if not file.exists():
            raise LibraryError("GetMediaData", 10005)
        content = file.read_bytes()
        piece = content[at : at + 5]
        return MediaPiece(piece, str(at + len(piece)), at + len(piece) >= len(content))

    def _happens(self, name: str) -> bool:
        file = self._directory / name
        if not file.exists():
            return False
        if file.read_text() == "once":
            file.unlink()
        return True


if __name__ == "__main__":
    main(EmulatedLibrary)
