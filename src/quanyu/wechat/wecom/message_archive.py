"""The archive of chats 会话存档: an optional adapter around the platform's native library.

The library runs in a process of its own. If it crashes or hangs, the call fails with ``OutcomeUnknown`` and
the next call starts it anew; everything here reads, so repeating is harmless. Messages are numbered: the
caller keeps the last ``seq`` it has safe. The platform keeps five days, and allows some 600 calls a minute.
Source: developer.work.weixin.qq.com, 获取会话内容 (path 91774), read 2026.
"""

import asyncio
import binascii
import os
import sys
from base64 import b64decode
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

import msgspec
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from quanyu.wechat.errors import MalformedAnswer, NotSent, OutcomeUnknown, refusal
from quanyu.wechat.refusals import Dialect
from quanyu.wechat.wecom import archive_process as wire

ROWS_MAX: Final = 1000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_COMMAND: Final = (sys.executable, "-m", "quanyu.wechat.wecom.archive_process")
_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV")
_MARGIN_S: Final = 10.0  # What a call may take beyond the library's own time-out.
# Where a message's content lies, if not under the name of its type.
_CONTENT_NAMES: Final = {
    "docmsg": "doc",
    "markdown": "info",
    "news": "info",
    "voiptext": "info",
    "qydiskfile": "info",
    "external_redpacket": "redpacket",
}

AnswerT = TypeVar("AnswerT", bound=wire.Answered)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveConfig:
    """Which library, who we are, and the private keys by the version the platform counts them with."""

    library: str  # A path to libWeWorkFinanceSdk.
    corp_id: str
    secret: str = field(repr=False)
    private_keys: Mapping[int, RSAPrivateKey] = field(repr=False)
    proxy: str = ""
    proxy_password: str = field(default="", repr=False)
    timeout_s: int = 20


class Unreadable(StrEnum):
    """Why a row is not a message to us."""

    KEY_VERSION = "key_version"  # It was encrypted for a key we do not have.
    RANDOM_KEY = "random_key"  # Its key does not open with ours.
    DECRYPTION = "decryption"  # The library refuses it.
    FORM = "form"  # It opens, and is not the documented JSON.


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedMessage:
    """One message, recall or change of archive state."""

    seq: int
    msgid: str
    action: str  # send, recall or switch.
    msgtype: str
    sender: str  # A member, an external user id, or a robot.
    receivers: tuple[str, ...]
    room_id: str  # Empty outside groups.
    sent_at: datetime
    content: Mapping[str, Any]  # What the type has; files carry an ``sdkfileid``.
    fields: Mapping[str, Any]  # All of it.


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableRow:
    """A row that could not be read; it is counted and named, never dropped in silence."""

    seq: int
    msgid: str
    key_version: int
    reason: Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePage:
    """The rows after a ``seq``; go on after ``last_seq`` once the page is safe."""

    messages: tuple[ArchivedMessage, ...]
    unreadable: tuple[UnreadableRow, ...]
    last_seq: int
    is_last: bool


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    seq: int
    msgid: str = ""
    publickey_ver: int = 0
    encrypt_random_key: str = ""
    encrypt_chat_msg: str = ""


class _ChatData(msgspec.Struct, frozen=True, kw_only=True):
    errcode: int = 0
    errmsg: str = ""
    chatdata: tuple[_Row, ...] = ()


class MessageArchive:
    """Reads one corp's archive; calls wait for one another, for the library is one session."""

    def __init__(self, config: ArchiveConfig, *, command: Sequence[str] = _COMMAND) -> None:
        self._config = config
        self._command = tuple(command)
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> "MessageArchive":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End the library's process."""
        async with self._turn:
            await self._end()

    async def page(self, after_seq: int, *, limit: int = ROWS_MAX) -> ArchivePage:
        """Return what was said after ``after_seq``.

        Raises:
            NotSent: the library cannot be loaded; says why.
            OutcomeUnknown: it crashed or did not answer; ask again.
            PlatformRefusal: platform or library refused; ``action`` says what helps.
        """
        got = await self._ask(wire.ChatDataAsked(after_seq, limit), wire.ChatDataGot)
        try:
            read = msgspec.json.decode(got.document, type=_ChatData, strict=False)
        except msgspec.DecodeError as error:
            raise MalformedAnswer(f"GetChatData: not the documented JSON: {error}") from error
        if read.errcode:
            raise refusal(read.errcode, read.errmsg, path="GetChatData", dialect=Dialect.WECOM)
        return await self._opened(read.chatdata, after_seq, limit)

    async def media(
        self, file_id: str, *, index: str = "", bytes_max: int = 256 * 1024 * 1024
    ) -> AsyncIterator[wire.MediaGot]:
        """Yield a file piece by piece; go on later from the ``next_index`` of the last piece that is safe.

        Raises:
            NotSent, OutcomeUnknown, PlatformRefusal: see ``page``.
            MalformedAnswer: the file exceeds ``bytes_max``, or its pieces do not go on.
        """
        total = 0
        while True:
            piece = await self._ask(wire.MediaAsked(file_id, index), wire.MediaGot)
            total += len(piece.data)
            if total > bytes_max:
                raise MalformedAnswer(f"GetMediaData: the file exceeds {bytes_max} bytes")
            if not piece.is_last and piece.next_index == index:
                raise MalformedAnswer("GetMediaData: the pieces do not go on")
            yield piece
            if piece.is_last:
                return
            index = piece.next_index

    async def _opened(self, rows: tuple[_Row, ...], after_seq: int, limit: int) -> ArchivePage:
        keys = [self._random_key(row) for row in rows]
        sealed = [
            (key, row.encrypt_chat_msg)
            for row, key in zip(rows, keys, strict=True)
            if not isinstance(key, Unreadable)
        ]
        opened: list[bytes | int] = []
        if sealed:
            opened = list((await self._ask(wire.DecryptionAsked(tuple(sealed)), wire.Decrypted)).documents)
        documents = iter(opened)
        read = [
            _unreadable(row, key) if isinstance(key, Unreadable) else _message(row, next(documents))
            for row, key in zip(rows, keys, strict=True)
        ]
        return ArchivePage(
            messages=tuple(one for one in read if isinstance(one, ArchivedMessage)),
            unreadable=tuple(one for one in read if isinstance(one, UnreadableRow)),
            last_seq=max((row.seq for row in rows), default=after_seq),
            is_last=len(rows) < limit,
        )

    def _random_key(self, row: _Row) -> str | Unreadable:
        private_key = self._config.private_keys.get(row.publickey_ver)
        if private_key is None:
            return Unreadable.KEY_VERSION
        try:
            sealed = b64decode(row.encrypt_random_key, validate=True)
            return private_key.decrypt(sealed, padding.PKCS1v15()).decode()
        except (ValueError, binascii.Error, UnicodeDecodeError):
            return Unreadable.RANDOM_KEY

    async def _ask(self, request: wire.Asked, expected: type[AnswerT]) -> AnswerT:
        async with self._turn:
            if self._process is None or self._process.returncode is not None:
                await self._start()
            answer = await self._exchange(request)
        if isinstance(answer, expected):
            return answer
        raise _failure(answer)

    async def _start(self) -> None:
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # The library logs what we must not keep.
            env=environment,
        )
        known = self._config
        answer = await self._exchange(
            wire.Opening(
                library=known.library,
                corp_id=known.corp_id,
                secret=known.secret,
                proxy=known.proxy,
                proxy_password=known.proxy_password,
                timeout_s=known.timeout_s,
            )
        )
        if not isinstance(answer, wire.Opened):
            await self._end()
            raise _failure(answer)

    async def _exchange(self, request: wire.Asked) -> wire.Answered:
        """Ask the process; it is ended if anything goes wrong: no late answer may meet a later question."""
        try:
            async with asyncio.timeout(self._config.timeout_s + _MARGIN_S):
                return await _exchange(self._process, request)
        except (TimeoutError, asyncio.IncompleteReadError, OSError, msgspec.DecodeError) as error:
            status = await self._end()
            raise OutcomeUnknown(
                f"the library's process ended or did not answer ({type(error).__name__}, status {status})",
                message_zh="会话存档组件异常退出或无响应，可重试",
            ) from error
        except BaseException:
            await asyncio.shield(self._end())
            raise

    async def _end(self) -> int | None:
        process, self._process = self._process, None
        if process is None:
            return None
        with suppress(ProcessLookupError):
            process.kill()
        return await process.wait()


async def _exchange(process: asyncio.subprocess.Process | None, request: wire.Asked) -> wire.Answered:
    assert process is not None
    assert process.stdin is not None
    assert process.stdout is not None
    document = msgspec.msgpack.encode(request)
    process.stdin.write(len(document).to_bytes(wire.LENGTH_BYTES) + document)
    await process.stdin.drain()
    length = int.from_bytes(await process.stdout.readexactly(wire.LENGTH_BYTES))
    if length > wire.FRAME_BYTES_MAX:
        raise msgspec.DecodeError(f"an answer of {length} bytes")
    answer: wire.Answered = msgspec.msgpack.decode(
        await process.stdout.readexactly(length), type=wire.Answered
    )
    return answer


def _failure(answer: wire.Answered) -> Exception:
    if not isinstance(answer, wire.Failed):
        return MalformedAnswer("the library's process answered another question")
    if answer.code:
        return refusal(answer.code, "", path=answer.function, dialect=Dialect.ARCHIVE)
    return NotSent(
        f"the library for the archive of chats cannot be used: {answer.words}",
        message_zh=f"会话存档组件无法加载：{answer.words}",
    )


def _unreadable(row: _Row, reason: Unreadable) -> UnreadableRow:
    return UnreadableRow(seq=row.seq, msgid=row.msgid, key_version=row.publickey_ver, reason=reason)


def _message(row: _Row, opened: bytes | int) -> ArchivedMessage | UnreadableRow:
    if isinstance(opened, int):
        return _unreadable(row, Unreadable.DECRYPTION)
    try:
        fields: dict[str, Any] = msgspec.json.decode(opened, type=dict[str, Any])
        # A ``switch`` names its member and its time otherwise.
        sent_at = _EPOCH + timedelta(milliseconds=int(fields.get("msgtime", fields.get("time", 0))))
        receivers = msgspec.convert(fields.get("tolist", []), tuple[str, ...])
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, TypeError, OverflowError):
        return _unreadable(row, Unreadable.FORM)
    msgtype = str(fields.get("msgtype", ""))
    content = fields.get(_CONTENT_NAMES.get(msgtype, msgtype), {})
    return ArchivedMessage(
        seq=row.seq,
        msgid=str(fields.get("msgid", row.msgid)),
        action=str(fields.get("action", "")),
        msgtype=msgtype,
        sender=str(fields.get("from", fields.get("user", ""))),
        receivers=receivers,
        room_id=str(fields.get("roomid", "")),
        sent_at=sent_at,
        content=content if isinstance(content, dict) else {},
        fields=fields,
    )
