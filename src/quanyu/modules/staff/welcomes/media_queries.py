"""Statements on the files welcomes attach."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, NewType

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.welcomes.contents import MEDIA_PREFIX

MediaNumber = NewType("MediaNumber", int)


class MediaKind(StrEnum):
    """What a file is to the platform."""

    IMAGE = "image"
    VIDEO = "video"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMedia:
    """A file without its bytes."""

    number: MediaNumber
    corp_id: AccountId
    kind: MediaKind
    name: str
    content_type: str
    size: int  # Bytes.
    media_id: str  # The platform's; empty until it was uploaded.
    expires_at: datetime | None
    refresh_at: datetime
    attempts: int
    reason: str
    created_at: datetime

    @property
    def ref(self) -> str:
        """The id shown outside."""
        return encode_id(MEDIA_PREFIX, self.number)

    def is_ready(self, at: datetime) -> bool:
        """Whether the platform still has it at ``at``."""
        return bool(self.media_id) and self.expires_at is not None and self.expires_at > at


class MediaQueries:
    """Every statement on ``welcome_media`` and its bytes."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def list_of(self, corp_id: AccountId) -> tuple[KeptMedia, ...]:
        """Return the corp's files, newest first."""
        rows = await self._uow.execute(
            f"{_SELECT} AND corp_id = :corp ORDER BY id DESC", self._params(corp=corp_id)
        )
        return tuple(_kept(row) for row in rows)

    async def find(self, number: MediaNumber) -> KeptMedia | None:
        rows = await self._uow.execute(f"{_SELECT} AND id = :id", self._params(id=number))
        row = rows.first()
        return None if row is None else _kept(row)

    async def content(self, number: MediaNumber) -> bytes:
        rows = await self._uow.execute(
            "SELECT content FROM welcome_media_content WHERE tenant_id = :tenant AND media_id = :id",
            self._params(id=number),
        )
        return bytes(rows.scalar_one())

    async def add(self, media: KeptMedia, *, digest: bytes, content: bytes) -> MediaNumber:
        """Keep a file; return its number, or that of the same file kept before."""
        rows = await self._uow.execute(
            _ADD,
            self._params(
                id=media.number,
                corp=media.corp_id,
                kind=media.kind.value,
                name=media.name,
                type=media.content_type,
                size=media.size,
                digest=digest,
                refresh=media.refresh_at,
                now=media.created_at,
            ),
        )
        number = MediaNumber(rows.one().id)
        if number == media.number:
            await self._uow.execute(
                "INSERT INTO welcome_media_content (tenant_id, media_id, content) "
                "VALUES (:tenant, :id, :content)",
                self._params(id=number, content=content),
            )
        return number

    async def delete(self, number: MediaNumber) -> None:
        await self._uow.execute(
            "DELETE FROM welcome_media WHERE tenant_id = :tenant AND id = :id", self._params(id=number)
        )

    async def claim_due(self, *, until: datetime, limit: int) -> tuple[KeptMedia, ...]:
        """Take files whose time has come, and leave them alone until ``until``."""
        rows = await self._uow.execute(
            _CLAIM, self._params(now=self._uow.clock.now(), until=until, limit=limit)
        )
        return tuple(_kept(row) for row in rows)

    async def uploaded(
        self, number: MediaNumber, media_id: str, *, at: datetime, expires_at: datetime, refresh_at: datetime
    ) -> None:
        """Keep what the platform calls the file now."""
        await self._uow.execute(
            "UPDATE welcome_media SET media_id = :media, uploaded_at = :at, expires_at = :expires, "
            "refresh_at = :refresh, attempts = 0, reason = '' WHERE tenant_id = :tenant AND id = :id",
            self._params(id=number, media=media_id, at=at, expires=expires_at, refresh=refresh_at),
        )

    async def failed(self, number: MediaNumber, reason: str, *, refresh_at: datetime) -> None:
        await self._uow.execute(
            "UPDATE welcome_media SET attempts = attempts + 1, reason = :reason, refresh_at = :refresh "
            "WHERE tenant_id = :tenant AND id = :id",
            self._params(id=number, reason=reason, refresh=refresh_at),
        )

    async def distrust(self, numbers: Iterable[MediaNumber]) -> None:
        """Forget what the platform called these files: it refused them. They are uploaded again at once."""
        await self._uow.execute(
            "UPDATE welcome_media SET media_id = '', refresh_at = :now "
            "WHERE tenant_id = :tenant AND id = ANY(:ids)",
            self._params(ids=list(numbers), now=self._uow.clock.now()),
        )

    def _params(self, **more: Any) -> dict[str, Any]:
        return {"tenant": self._uow.tenant_id, **more}


def _kept(row: Any) -> KeptMedia:
    return KeptMedia(
        number=MediaNumber(row.id),
        corp_id=AccountId(row.corp_id),
        kind=MediaKind(row.kind),
        name=row.name,
        content_type=row.content_type,
        size=row.size,
        media_id=row.media_id,
        expires_at=row.expires_at,
        refresh_at=row.refresh_at,
        attempts=row.attempts,
        reason=row.reason,
        created_at=row.created_at,
    )


_COLUMNS: Final = """
id, corp_id, kind, name, content_type, size, media_id, expires_at, refresh_at, attempts, reason, created_at
"""
_SELECT: Final = f"SELECT {_COLUMNS} FROM welcome_media WHERE tenant_id = :tenant"  # noqa: S608
# An upsert that changes nothing of what is there, so that the row is returned either way.
_ADD: Final = """
INSERT INTO welcome_media AS m (tenant_id, id, corp_id, kind, name, content_type, size, digest, refresh_at,
    created_at)
VALUES (:tenant, :id, :corp, :kind, :name, :type, :size, :digest, :refresh, :now)
ON CONFLICT (tenant_id, corp_id, kind, digest) DO UPDATE SET name = m.name
RETURNING m.id
"""
_CLAIM: Final = f"""
UPDATE welcome_media SET refresh_at = :until
WHERE tenant_id = :tenant AND id IN (
    SELECT id FROM welcome_media WHERE tenant_id = :tenant AND refresh_at <= :now
    ORDER BY refresh_at, id LIMIT :limit FOR UPDATE SKIP LOCKED
)
RETURNING {_COLUMNS}
"""  # noqa: S608
