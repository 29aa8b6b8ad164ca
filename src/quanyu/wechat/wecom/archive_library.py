"""The platform's native library for the archive of chats, as a port, and the binding to it.

The library (``libWeWorkFinanceSdk``) is the platform's own and not part of this software; a brand that has
the archive puts it on its machine. It speaks to the platform by itself. Only ``archive_process`` loads it.
Source: developer.work.weixin.qq.com, 获取会话内容 (path 91774), read 2026.
"""

import ctypes
from dataclasses import dataclass
from typing import Any, Final, Protocol

MEDIA_BYTES_MAX: Final = 512 * 1024  # Of one piece.


class LibraryError(Exception):
    """The library answered with a code other than 0."""

    def __init__(self, function: str, code: int) -> None:
        super().__init__(f"{function}: {code}")
        self.function = function
        self.code = code


@dataclass(frozen=True, slots=True)
class MediaPiece:
    """A piece of a file, and where the next one begins."""

    data: bytes
    next_index: str
    is_last: bool


class ChatLibrary(Protocol):
    """What the library can do; each call may block for as long as its time-out."""

    def chat_data(self, seq: int, limit: int) -> bytes:
        """Return the encrypted rows after ``seq``, as the JSON the platform gives."""
        ...

    def decrypt(self, random_key: str, encrypted: str) -> bytes:
        """Return one message as JSON."""
        ...

    def media(self, file_id: str, index: str) -> MediaPiece:
        """Return the piece of a file that begins at ``index``; empty is the beginning."""
        ...


class NativeLibrary:
    """The binding, by ctypes. One object is one session with the platform."""

    def __init__(
        self, path: str, *, corp_id: str, secret: str, proxy: str, proxy_password: str, timeout_s: int
    ) -> None:
        """Load and initialise.

        Raises:
            OSError: there is no library at ``path``, or not one for this machine.
            AttributeError: it is another library.
            LibraryError: it refuses to be initialised.
        """
        self._library = _declared(ctypes.CDLL(path))
        self._proxy, self._password = proxy.encode(), proxy_password.encode()
        self._timeout_s = timeout_s
        self._session = self._library.NewSdk()
        _check("Init", self._library.Init(self._session, corp_id.encode(), secret.encode()))

    def chat_data(self, seq: int, limit: int) -> bytes:
        """Return the encrypted rows after ``seq``, as the JSON the platform gives."""
        return self._sliced(
            "GetChatData",
            lambda into: self._library.GetChatData(
                self._session, seq, limit, self._proxy, self._password, self._timeout_s, into
            ),
        )

    def decrypt(self, random_key: str, encrypted: str) -> bytes:
        """Return one message as JSON."""
        key, message = random_key.encode(), encrypted.encode()
        return self._sliced("DecryptData", lambda into: self._library.DecryptData(key, message, into))

    def media(self, file_id: str, index: str) -> MediaPiece:
        """Return the piece of a file that begins at ``index``; empty is the beginning."""
        library, piece = self._library, self._library.NewMediaData()
        try:
            code = library.GetMediaData(
                self._session,
                index.encode(),
                file_id.encode(),
                self._proxy,
                self._password,
                self._timeout_s,
                piece,
            )
            _check("GetMediaData", code)
            return MediaPiece(
                ctypes.string_at(library.GetData(piece), library.GetDataLen(piece)),
                ctypes.string_at(library.GetOutIndexBuf(piece), library.GetIndexLen(piece)).decode(),
                bool(library.IsMediaDataFinish(piece)),
            )
        finally:
            library.FreeMediaData(piece)

    def _sliced(self, function: str, call: Any) -> bytes:
        into = self._library.NewSlice()
        try:
            _check(function, call(into))
            return ctypes.string_at(self._library.GetContentFromSlice(into), self._library.GetSliceLen(into))
        finally:
            self._library.FreeSlice(into)


def _check(function: str, code: int) -> None:
    if code != 0:
        raise LibraryError(function, code)


_POINTER, _TEXT, _INT = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
_FUNCTIONS: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "NewSdk": (_POINTER, ()),
    "Init": (_INT, (_POINTER, _TEXT, _TEXT)),
    "GetChatData": (
        _INT,
        (_POINTER, ctypes.c_ulonglong, ctypes.c_uint, _TEXT, _TEXT, _INT, _POINTER),
    ),
    "DecryptData": (_INT, (_TEXT, _TEXT, _POINTER)),
    "GetMediaData": (_INT, (_POINTER, _TEXT, _TEXT, _TEXT, _TEXT, _INT, _POINTER)),
    "NewSlice": (_POINTER, ()),
    "FreeSlice": (None, (_POINTER,)),
    "GetContentFromSlice": (_POINTER, (_POINTER,)),
    "GetSliceLen": (_INT, (_POINTER,)),
    "NewMediaData": (_POINTER, ()),
    "FreeMediaData": (None, (_POINTER,)),
    "GetData": (_POINTER, (_POINTER,)),
    "GetDataLen": (_INT, (_POINTER,)),
    "GetOutIndexBuf": (_POINTER, (_POINTER,)),
    "GetIndexLen": (_INT, (_POINTER,)),
    "IsMediaDataFinish": (_INT, (_POINTER,)),
}


def _declared(library: Any) -> Any:
    """Declare the types of the library's functions: ctypes would cut pointers to 32 bits."""
    for name, (result, arguments) in _FUNCTIONS.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
