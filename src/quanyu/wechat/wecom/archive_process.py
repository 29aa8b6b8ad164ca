"""The process in which the native library lives: what it breaks, it breaks alone.

It reads requests from its standard input and writes answers to its standard output, each as four bytes of
length and a MessagePack document. The first request says which library; secrets come that way, never by
command line or environment. It ends with its input, and dies with its parent.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import BinaryIO, Final

import msgspec

from quanyu.wechat.wecom.archive_library import ChatLibrary, LibraryError, NativeLibrary

FRAME_BYTES_MAX: Final = 64 * 1024 * 1024
LENGTH_BYTES: Final = 4
_DIE_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG of Linux.


class Opening(msgspec.Struct, frozen=True, tag="open"):
    """Which library, and who we are to the platform."""

    library: str
    corp_id: str
    secret: str
    proxy: str = ""
    proxy_password: str = ""
    timeout_s: int = 20


class ChatDataAsked(msgspec.Struct, frozen=True, tag="chat_data"):
    seq: int
    limit: int


class DecryptionAsked(msgspec.Struct, frozen=True, tag="decrypt"):
    """Several messages in one request; each is answered by itself."""

    sealed: tuple[tuple[str, str], ...]  # Random key and message.


class MediaAsked(msgspec.Struct, frozen=True, tag="media"):
    file_id: str
    index: str


Asked = Opening | ChatDataAsked | DecryptionAsked | MediaAsked


class Opened(msgspec.Struct, frozen=True, tag="opened"):
    """The library is ready."""


class ChatDataGot(msgspec.Struct, frozen=True, tag="chat_data"):
    document: bytes


class Decrypted(msgspec.Struct, frozen=True, tag="decrypted"):
    """For each message its document, or the library's code."""

    documents: tuple[bytes | int, ...]


class MediaGot(msgspec.Struct, frozen=True, tag="media"):
    data: bytes
    next_index: str
    is_last: bool


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The library's code, or 0 and our own words where it could not be loaded."""

    function: str
    code: int
    words: str = ""


Answered = Opened | ChatDataGot | Decrypted | MediaGot | Failed

OpenLibrary = Callable[[Opening], ChatLibrary]


def serve(read_from: BinaryIO, write_to: BinaryIO, open_library: OpenLibrary) -> None:
    """Answer requests until the input ends."""
    library: ChatLibrary | None = None
    while (request := _read(read_from)) is not None:
        answer: Answered
        try:
            if isinstance(request, Opening):
                library, answer = open_library(request), Opened()
            elif library is None:
                answer = Failed("", 0, "no library was opened")
            else:
                answer = _answer(library, request)
        except LibraryError as error:
            answer = Failed(error.function, error.code)
        except (OSError, AttributeError) as error:
            answer = Failed("load", 0, str(error))
        document = msgspec.msgpack.encode(answer)
        write_to.write(len(document).to_bytes(LENGTH_BYTES) + document)
        write_to.flush()


def _answer(library: ChatLibrary, request: Asked) -> Answered:
    match request:
        case ChatDataAsked(seq, limit):
            return ChatDataGot(library.chat_data(seq, limit))
        case DecryptionAsked(sealed):
            return Decrypted(tuple(_decrypt(library, key, message) for key, message in sealed))
        case MediaAsked(file_id, index):
            piece = library.media(file_id, index)
            return MediaGot(piece.data, piece.next_index, piece.is_last)
        case Opening():
            return Opened()


def _decrypt(library: ChatLibrary, key: str, message: str) -> bytes | int:
    try:
        return library.decrypt(key, message)
    except LibraryError as error:
        return error.code


def _read(read_from: BinaryIO) -> Asked | None:
    length = read_from.read(LENGTH_BYTES)
    if len(length) < LENGTH_BYTES:
        return None
    request: Asked = msgspec.msgpack.decode(read_from.read(int.from_bytes(length)), type=Asked)
    return request


def open_native(opening: Opening) -> ChatLibrary:
    """Load the platform's library."""
    return NativeLibrary(
        opening.library,
        corp_id=opening.corp_id,
        secret=opening.secret,
        proxy=opening.proxy,
        proxy_password=opening.proxy_password,
        timeout_s=opening.timeout_s,
    )


def main(open_library: OpenLibrary = open_native) -> None:
    """Serve on standard input and output."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # A dump would hold secrets and chats.
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The parent decides when we end.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # What the library prints must not lie between our answers.
    serve(sys.stdin.buffer, answers, open_library)


if __name__ == "__main__":
    main()
