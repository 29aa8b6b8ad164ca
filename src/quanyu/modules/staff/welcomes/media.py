"""Files that welcomes attach: kept here, uploaded ahead of need, and again before the platform forgets.

The platform keeps a file three days, for all apps of the corp (WM-1). Source: developer.work.weixin.qq.com,
上传临时素材 (path 90253); read 2026.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import AppError, Conflict, InvalidInput, NotFound
from quanyu.kernel.ids import TenantId, decode_id, new_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.staff.welcomes.contents import MEDIA_PREFIX
from quanyu.modules.staff.welcomes.media_queries import KeptMedia, MediaKind, MediaNumber, MediaQueries
from quanyu.modules.staff.welcomes.queries import RuleQueries
from quanyu.wechat.calls import File
from quanyu.wechat.wecom import media as wx

_log = get_logger("staff.welcomes.media")

MEDIA_LIVES: Final = timedelta(days=3)
REFRESH_AFTER: Final = timedelta(
    days=2
)  # A whole day before the end: an outage has to last longer than that.
MEDIA_MAX: Final = 500  # Of one corp.
_SMALLEST: Final = 6  # Every file has more than 5 bytes.
_MIB: Final = 1024 * 1024
LIMITS: Final[dict[MediaKind, tuple[int, tuple[str, ...]]]] = {
    MediaKind.IMAGE: (10 * _MIB, ("image/jpeg", "image/png")),
    MediaKind.VIDEO: (10 * _MIB, ("video/mp4",)),
    MediaKind.FILE: (20 * _MIB, ()),
}
_CLAIM: Final = timedelta(minutes=3)
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=30)
_AT_ONCE: Final = 4
_LOOK_S: Final = 5.0


class InvalidWelcomeMedia(InvalidInput):
    """The platform would not take the file."""

    code = "staff.invalid_welcome_media"


class UnknownWelcomeMedia(NotFound):
    """The brand has no such file."""

    code = "staff.unknown_welcome_media"


class WelcomeMediaInUse(Conflict):
    """A welcome attaches the file."""

    code = "staff.welcome_media_in_use"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMedia:
    """A file to be kept."""

    corp_id: AccountId
    kind: MediaKind
    name: str
    content_type: str
    content: bytes


class MediaLibrary:
    """Keeps files and has the platform know them."""

    def __init__(self, uows: UnitOfWorkFactory, clients: CorpClients) -> None:
        self._uows = uows
        self._clients = clients

    async def add(self, tenant_id: TenantId, new: NewMedia) -> KeptMedia:
        """Keep a file and upload it; the same file again is the one that is there.

        An upload that fails is repeated by the worker: the file is kept, and says why it is not ready.

        Raises:
            InvalidWelcomeMedia: of a type or size the platform does not take, or there are too many.
        """
        _require_fit(new)
        async with self._uows.app(tenant_id) as uow:
            if len(await MediaQueries(uow).list_of(new.corp_id)) >= MEDIA_MAX:
                raise InvalidWelcomeMedia(
                    f"a corp keeps at most {MEDIA_MAX} files",
                    message_zh=f"每个企业最多保存 {MEDIA_MAX} 个文件",
                )
            number = await MediaQueries(uow).add(_fresh(new, uow), digest=_digest(new), content=new.content)
            await RuleQueries(uow).bump(new.corp_id)
        return await self.ensure_uploaded(tenant_id, number)

    async def get(self, uow: UnitOfWork, number: MediaNumber) -> KeptMedia:
        """Return a file.

        Raises:
            UnknownWelcomeMedia
        """
        media = await MediaQueries(uow).find(number)
        if media is None:
            raise UnknownWelcomeMedia("no such file", message_zh="没有这个文件")
        return media

    async def remove(self, uow: UnitOfWork, number: MediaNumber) -> None:
        """Forget a file.

        Raises:
            UnknownWelcomeMedia, WelcomeMediaInUse
        """
        media = await self.get(uow, number)
        await RuleQueries(uow).bump(media.corp_id)
        for rule in await RuleQueries(uow).list_rules(media.corp_id):
            if media.ref in rule.kept.draft.media:
                name = rule.kept.draft.name
                raise WelcomeMediaInUse(
                    f"the welcome {name!r} attaches it", message_zh=f"欢迎语“{name}”正在使用该文件"
                )
        await MediaQueries(uow).delete(number)

    async def ensure_uploaded(self, tenant_id: TenantId, number: MediaNumber) -> KeptMedia:
        """Upload a file unless the platform has it; return it with what came of that."""
        async with self._uows.app(tenant_id) as uow:
            media = await self.get(uow, number)
        if not media.is_ready(self._uows.clock.now() + MEDIA_LIVES - REFRESH_AFTER):
            await self.upload(tenant_id, media)
        async with self._uows.app(tenant_id) as uow:
            return await self.get(uow, number)

    async def upload(self, tenant_id: TenantId, media: KeptMedia) -> None:
        """Upload a file and keep its new id; trouble is kept too, and tried again later."""
        async with self._uows.system(tenant_id) as uow:
            content = await MediaQueries(uow).content(media.number)
        at = self._uows.clock.now()
        try:
            client = await self._clients.get(tenant_id, media.corp_id)
            file = File(content, media.name, media.content_type)
            answer = await client.call(wx.UPLOAD, wx.UploadRequest(type=media.kind.value, media=file))
        except AppError as error:
            _log.warning("staff.welcomes.upload_failed", media=media.ref, code=error.code)
            await self._failed(tenant_id, media, error)
            return
        async with self._uows.system(tenant_id) as uow:
            await MediaQueries(uow).uploaded(
                media.number,
                answer.media_id,
                at=at,
                expires_at=at + MEDIA_LIVES,
                refresh_at=at + REFRESH_AFTER,
            )
            await RuleQueries(uow).bump(media.corp_id)

    async def _failed(self, tenant_id: TenantId, media: KeptMedia, error: AppError) -> None:
        wait_for = min(_FIRST_WAIT * 2 ** min(media.attempts, 10), _LONGEST_WAIT)
        async with self._uows.system(tenant_id) as uow:
            await MediaQueries(uow).failed(
                media.number,
                f"{error.message_zh or error.message}"[:300],
                refresh_at=uow.clock.now() + wait_for,
            )


class MediaRefresher:
    """Uploads again what the platform is about to forget."""

    def __init__(self, uows: UnitOfWorkFactory, library: MediaLibrary) -> None:
        self._uows = uows
        self._library = library

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        while not stopping.is_set():
            try:
                done = await self.run_once(tenant_id)
            except Exception as error:
                _log.error("staff.welcomes.refresh_failed", exc_info=error)
                done = 0
            if not done:
                await wait(stopping, _LOOK_S)

    async def run_once(self, tenant_id: TenantId) -> int:
        """Upload what is due; return how many files that were."""
        async with self._uows.system(tenant_id) as uow:
            until = uow.clock.now() + business_span(uow.clock, _CLAIM)
            due = await MediaQueries(uow).claim_due(until=until, limit=_AT_ONCE)
        await asyncio.gather(*(self._library.upload(tenant_id, media) for media in due))
        return len(due)


def read_media_number(text: str) -> MediaNumber:
    """Read an id as shown outside (``wmd_…``).

    Raises:
        InvalidId: it is none.
    """
    return MediaNumber(decode_id(MEDIA_PREFIX, text))


def _fresh(new: NewMedia, uow: UnitOfWork) -> KeptMedia:
    now = uow.clock.now()
    return KeptMedia(
        number=MediaNumber(new_id()),
        corp_id=new.corp_id,
        kind=new.kind,
        name=new.name,
        content_type=new.content_type,
        size=len(new.content),
        media_id="",
        expires_at=None,
        # Uploaded by who adds it, in a moment; the worker steps in if that process ends first.
        refresh_at=now + business_span(uow.clock, _CLAIM),
        attempts=0,
        reason="",
        created_at=now,
    )


def _digest(new: NewMedia) -> bytes:
    # Of a document customers see the name: under another one it is another file.
    shown = new.name if new.kind is MediaKind.FILE else ""
    return hashlib.blake2b(new.content, key=hashlib.blake2b(shown.encode()).digest()).digest()


def _require_fit(new: NewMedia) -> None:
    limit, types = LIMITS[new.kind]
    if types and new.content_type not in types:
        raise InvalidWelcomeMedia(
            f"{new.kind} must be one of {', '.join(types)}, not {new.content_type or 'unknown'}",
            message_zh=f"文件类型须为 {'、'.join(types)} 之一",
        )
    if not _SMALLEST <= len(new.content) <= limit:
        raise InvalidWelcomeMedia(
            f"{new.kind} holds {_SMALLEST} to {limit} bytes, this file {len(new.content)}",
            message_zh=f"文件大小须在 {_SMALLEST} 字节到 {limit // _MIB} MB 之间",
        )
