"""Every statement on ``sidebar_session`` and ``sidebar_deed``."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, TenantId, new_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.sidebar.contracts import StaffCaller

SESSION_LIFE: Final = timedelta(hours=8)
_FORM: Final = re.compile(r"^qb_(\d{1,9})_([A-Za-z0-9_-]{32})$")


def tenant_of(token: str) -> TenantId | None:
    """Return the brand a session names, or ``None`` if it is none of this page."""
    match = _FORM.match(token)
    return TenantId(int(match[1])) if match else None


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


class SessionQueries:
    """Sessions of members; only digests are kept."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def begin(self, corp_id: AccountId, userid: str) -> str:
        """Open a session and return its token; what has expired of theirs goes."""
        now = self._uow.clock.now()
        token = f"qb_{self._uow.tenant_id}_{secrets.token_urlsafe(24)}"
        key = {"tenant": self._uow.tenant_id, "corp": corp_id, "userid": userid, "now": now}
        await self._uow.execute(
            "DELETE FROM sidebar_session WHERE tenant_id = :tenant AND corp_id = :corp AND userid = :userid "
            "AND expires_at <= :now",
            key,
        )
        await self._uow.execute(
            "INSERT INTO sidebar_session (tenant_id, digest, corp_id, userid, created_at, expires_at) "
            "VALUES (:tenant, :digest, :corp, :userid, :now, :expires)",
            {**key, "digest": _digest(token), "expires": now + SESSION_LIFE},
        )
        return token

    async def find(self, token: str) -> StaffCaller | None:
        """Return whose session it is while it lasts."""
        rows = await self._uow.execute(
            "SELECT corp_id, userid FROM sidebar_session WHERE tenant_id = :tenant AND digest = :digest "
            "AND expires_at > :now",
            {"tenant": self._uow.tenant_id, "digest": _digest(token), "now": self._uow.clock.now()},
        )
        row = rows.first()
        if row is None:
            return None
        return StaffCaller(tenant_id=self._uow.tenant_id, corp_id=AccountId(row.corp_id), userid=row.userid)

    async def end(self, token: str) -> None:
        """End a session; idempotent."""
        await self._uow.execute(
            "DELETE FROM sidebar_session WHERE tenant_id = :tenant AND digest = :digest",
            {"tenant": self._uow.tenant_id, "digest": _digest(token)},
        )

    async def rename(self, corp_id: AccountId, userid: str, new_userid: str) -> None:
        """Let a member who has another id now stay signed in; idempotent."""
        await self._uow.execute(
            "UPDATE sidebar_session SET userid = :new "
            "WHERE tenant_id = :tenant AND corp_id = :corp AND userid = :old",
            {"tenant": self._uow.tenant_id, "corp": corp_id, "old": userid, "new": new_userid},
        )

    async def end_all_of(self, corp_id: AccountId, userid: str) -> None:
        """End every session of somebody who left."""
        await self._uow.execute(
            "DELETE FROM sidebar_session WHERE tenant_id = :tenant AND corp_id = :corp AND userid = :userid",
            {"tenant": self._uow.tenant_id, "corp": corp_id, "userid": userid},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something a member is about to do."""

    id: int
    caller: StaffCaller
    what: str
    token: bytes | None = None
    person_id: PersonId | None = None
    fields: Sequence[str] = ()
    at: datetime


class DeedQueries:
    """The audit trail of the page: a row is written before anything is done."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def intend(
        self,
        caller: StaffCaller,
        what: str,
        *,
        token: bytes | None = None,
        person_id: PersonId | None = None,
        fields: Sequence[str] = (),
        state: str = "intended",
    ) -> Deed:
        """Write what is about to be done, or with ``state`` what is done by this same commit."""
        deed = Deed(
            id=new_id(),
            caller=caller,
            what=what,
            token=token,
            person_id=person_id,
            fields=tuple(fields),
            at=self._uow.clock.now(),
        )
        await self._uow.execute(
            "INSERT INTO sidebar_deed (tenant_id, id, corp_id, userid, what, customer_token, "
            "person_id, fields, "
            "state, at) VALUES (:tenant, :id, :corp, :userid, :what, :token, :person, :fields, :state, :at)",
            {
                "tenant": self._uow.tenant_id,
                "id": deed.id,
                "corp": caller.corp_id,
                "userid": caller.userid,
                "what": what,
                "token": token,
                "person": person_id,
                "fields": list(fields),
                "state": state,
                "at": deed.at,
            },
        )
        return deed

    async def has_signed_in(self, corp_id: AccountId) -> bool:
        """Whether a member has ever signed in: then the app's trusted domain is ours."""
        rows = await self._uow.execute(
            "SELECT EXISTS (SELECT FROM sidebar_deed WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND what = 'signed_in')",
            {"tenant": self._uow.tenant_id, "corp": corp_id},
        )
        return bool(rows.scalar_one())

    async def settle(self, deed: Deed, state: str, reason: str = "") -> None:
        """Write how it ended."""
        await self._uow.execute(
            "UPDATE sidebar_deed SET state = :state, reason = :reason WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._uow.tenant_id, "id": deed.id, "state": state, "reason": reason},
        )

    async def page(self, *, before: int, limit: int) -> list[Any]:
        """Return deeds, newest first."""
        rows = await self._uow.execute(
            "SELECT id, corp_id, userid, what, customer_token, person_id, fields, state, reason, at "
            "FROM sidebar_deed WHERE tenant_id = :tenant AND id < :before ORDER BY id DESC LIMIT :limit",
            {"tenant": self._uow.tenant_id, "before": before, "limit": limit},
        )
        return list(rows)
