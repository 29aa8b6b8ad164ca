"""Statements on ``live_code``, ``live_code_member``, ``live_code_timer`` and ``live_code_audit``."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import encode_id, new_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.codes.contracts import CODE_PREFIX, AuditEntry, CodeStatus, LiveCodeDraft, Place
from quanyu.modules.staff.codes.plans import everybody
from quanyu.modules.staff.codes.rules import Obstacle, Tier
from quanyu.modules.staff.codes.states import LiveCodeId


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCode:
    """A row of ``live_code``."""

    code_id: LiveCodeId
    corp_id: AccountId
    status: CodeStatus
    draft: LiveCodeDraft
    is_exclusive: bool
    redirect: Place | None
    state: str
    tier: Tier
    eligible: tuple[str, ...]
    users: tuple[str, ...]
    skip_verify: bool
    obstacles: Mapping[str, Obstacle]
    credits: Mapping[str, int]
    next_border: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def reference(self) -> str:
        """The code's id outside."""
        return encode_id(CODE_PREFIX, self.code_id)


class LiveCodeQueries:
    """Live codes."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def insert(self, code: KeptCode) -> None:
        await self._uow.execute(
            "INSERT INTO live_code (tenant_id, id, corp_id, name, status, draft, is_exclusive, state, tier, "
            "ends_at, created_at, updated_at) VALUES (:tenant, :id, :corp, :name, :status, "
            "CAST(:draft AS jsonb), :exclusive, :state, :tier, :ends, :now, :now)",
            {
                **self._of(code.code_id),
                "corp": code.corp_id,
                "name": code.draft.name,
                "status": code.status,
                "draft": code.draft.model_dump_json(),
                "exclusive": code.is_exclusive,
                "state": code.state,
                "tier": code.tier,
                "ends": code.draft.ends_at,
                "now": code.created_at,
            },
        )
        await self._write_members(code.code_id, code.corp_id, code.draft)

    async def find(self, code_id: LiveCodeId) -> KeptCode | None:
        found = await self.find_all([code_id])
        return found.get(code_id)

    async def find_all(self, code_ids: Sequence[LiveCodeId]) -> dict[LiveCodeId, KeptCode]:
        return await self._load(code_ids, "")

    async def lock(self, code_ids: Sequence[LiveCodeId]) -> dict[LiveCodeId, KeptCode]:
        """Return these codes, locked in the order of their ids."""
        return await self._load(code_ids, " FOR NO KEY UPDATE")

    async def _load(self, code_ids: Sequence[LiveCodeId], lock: str) -> dict[LiveCodeId, KeptCode]:
        rows = await self._uow.execute(
            "SELECT * FROM live_code WHERE tenant_id = :tenant AND id = ANY(:ids) ORDER BY id" + lock,  # noqa: S608
            {"tenant": self._uow.tenant_id, "ids": sorted(set(code_ids))},
        )
        codes = [code_of(row) for row in rows]
        return {code.code_id: code for code in codes}

    async def page(
        self,
        *,
        corp_id: AccountId | None,
        search: str,
        statuses: Sequence[CodeStatus],
        before: LiveCodeId | None,
        limit: int,
    ) -> tuple[KeptCode, ...]:
        """Return codes, newest first."""
        rows = await self._uow.execute(
            "SELECT * FROM live_code WHERE tenant_id = :tenant "
            "AND (CAST(:corp AS bigint) IS NULL OR corp_id = :corp) AND status = ANY(:statuses) "
            "AND (CAST(:before AS bigint) IS NULL OR id < :before) "
            "AND (:search = '' OR position(lower(:search) IN lower(name)) > 0) "
            "ORDER BY id DESC LIMIT :limit",
            {
                "tenant": self._uow.tenant_id,
                "corp": corp_id,
                "statuses": [status.value for status in statuses],
                "before": before,
                "search": search,
                "limit": limit,
            },
        )
        return tuple(code_of(row) for row in rows)

    async def change(self, code: KeptCode, draft: LiveCodeDraft, *, credits: Mapping[str, int]) -> None:
        """Replace what people write of a code."""
        await self._uow.execute(
            "UPDATE live_code SET draft = CAST(:draft AS jsonb), name = :name, ends_at = :ends, "
            "credits = CAST(:credits AS jsonb), updated_at = :now WHERE tenant_id = :tenant AND id = :id",
            {
                **self._of(code.code_id),
                "draft": draft.model_dump_json(),
                "name": draft.name,
                "ends": draft.ends_at,
                "credits": json.dumps(credits),
                "now": self._uow.clock.now(),
            },
        )
        await self._uow.execute(
            "DELETE FROM live_code_member WHERE tenant_id = :tenant AND code_id = :id",
            self._of(code.code_id),
        )
        await self._write_members(code.code_id, code.corp_id, draft)

    async def move(self, code: KeptCode, status: CodeStatus, redirect: Place | None) -> None:
        await self._uow.execute(
            "UPDATE live_code SET status = :status, redirect = CAST(:redirect AS jsonb), updated_at = :now "
            "WHERE tenant_id = :tenant AND id = :id",
            {
                **self._of(code.code_id),
                "status": status,
                "redirect": None if redirect is None else redirect.model_dump_json(),
                "now": self._uow.clock.now(),
            },
        )

    async def decided(self, code: KeptCode) -> None:
        """Write where a locked code leads now, and the credits of its members."""
        await self._uow.execute(
            "UPDATE live_code SET tier = :tier, eligible = :eligible, users = :users, "
            "skip_verify = :skip, obstacles = CAST(:obstacles AS jsonb), "
            "credits = CAST(:credits AS jsonb), next_border = :border "
            "WHERE tenant_id = :tenant AND id = :id",
            {
                **self._of(code.code_id),
                "tier": code.tier,
                "eligible": list(code.eligible),
                "users": list(code.users),
                "skip": code.skip_verify,
                "obstacles": json.dumps(code.obstacles),
                "credits": json.dumps(code.credits),
                "border": code.next_border,
            },
        )

    async def of_members(
        self, corp_id: AccountId, userids: Sequence[str], *, with_held_cap: bool = False
    ) -> tuple[LiveCodeId, ...]:
        """Return the codes that name one of these members; on demand only those that count whom they have."""
        if not userids:
            return ()
        rows = await self._uow.execute(
            "SELECT DISTINCT m.code_id FROM live_code_member m "
            "JOIN live_code c ON c.tenant_id = m.tenant_id AND c.id = m.code_id "
            "WHERE m.tenant_id = :tenant AND m.corp_id = :corp AND m.userid = ANY(:userids) "
            "AND c.status <> 'deleted' AND (NOT :held OR jsonb_path_exists(c.draft, "
            "'$.members[*].held_cap ? (@ != null)'))",
            {
                "tenant": self._uow.tenant_id,
                "corp": corp_id,
                "userids": list(userids),
                "held": with_held_cap,
            },
        )
        return tuple(LiveCodeId(row.code_id) for row in rows)

    async def followers(self, code: KeptCode) -> tuple[LiveCodeId, ...]:
        """Return the codes whose pictures lead to this one."""
        rows = await self._uow.execute(
            "SELECT id FROM live_code WHERE tenant_id = :tenant AND corp_id = :corp AND status <> 'live' "
            "AND redirect ->> 'code' = :reference",
            {"tenant": self._uow.tenant_id, "corp": code.corp_id, "reference": code.reference},
        )
        return tuple(LiveCodeId(row.id) for row in rows)

    async def set_timer(self, code_id: LiveCodeId, due_at: datetime | None) -> None:
        """Look at the code again at ``due_at``; never, if ``None``."""
        params = {**self._of(code_id), "due": due_at}
        if due_at is None:
            await self._uow.execute(
                "DELETE FROM live_code_timer WHERE tenant_id = :tenant AND code_id = :id", params
            )
            return
        await self._uow.execute(
            "INSERT INTO live_code_timer (tenant_id, code_id, due_at) VALUES (:tenant, :id, :due) "
            "ON CONFLICT (tenant_id, code_id) DO UPDATE SET due_at = excluded.due_at",
            params,
        )

    async def hasten(self, code_ids: Sequence[LiveCodeId]) -> None:
        """Look at these codes again at once."""
        await self._uow.execute(
            "INSERT INTO live_code_timer (tenant_id, code_id, due_at) "
            "SELECT :tenant, id, :now FROM unnest(CAST(:ids AS bigint[])) AS id ORDER BY id "
            "ON CONFLICT (tenant_id, code_id) DO UPDATE "
            "SET due_at = least(live_code_timer.due_at, excluded.due_at)",
            {"tenant": self._uow.tenant_id, "ids": sorted(code_ids), "now": self._uow.clock.now()},
        )

    async def due(self, *, now: datetime, limit: int) -> tuple[LiveCodeId, ...]:
        """Return codes whose border has come. Looking at one twice does no harm."""
        rows = await self._uow.execute(
            "SELECT code_id FROM live_code_timer WHERE tenant_id = :tenant AND due_at <= :now "
            "ORDER BY due_at LIMIT :limit",
            {"tenant": self._uow.tenant_id, "now": now, "limit": limit},
        )
        return tuple(LiveCodeId(row.code_id) for row in rows)

    async def next_due(self) -> datetime | None:
        """Return when the next border comes."""
        rows = await self._uow.execute(
            "SELECT min(due_at) FROM live_code_timer WHERE tenant_id = :tenant",
            {"tenant": self._uow.tenant_id},
        )
        found: datetime | None = rows.scalar_one()
        return found

    async def note(
        self, code_id: LiveCodeId, what: str, details: Mapping[str, Any], *, actor: str = ""
    ) -> None:
        """Write into the code's audit trail (CW-12)."""
        await self._uow.execute(
            "INSERT INTO live_code_audit (tenant_id, code_id, id, at, actor, what, details) "
            "VALUES (:tenant, :id, :entry, :now, :actor, :what, CAST(:details AS jsonb))",
            {
                **self._of(code_id),
                "entry": new_id(),
                "now": self._uow.clock.now(),
                "actor": actor,
                "what": what,
                "details": json.dumps(details),
            },
        )

    async def trail(
        self, code_id: LiveCodeId, *, before: int | None, limit: int
    ) -> tuple[tuple[int, AuditEntry], ...]:
        """Return a page of the audit trail, newest first."""
        rows = await self._uow.execute(
            "SELECT id, at, actor, what, details FROM live_code_audit WHERE tenant_id = :tenant "
            "AND code_id = :id AND (CAST(:before AS bigint) IS NULL OR live_code_audit.id < :before) "
            "ORDER BY live_code_audit.id DESC LIMIT :limit",
            {**self._of(code_id), "before": before, "limit": limit},
        )
        return tuple(
            (row.id, AuditEntry(at=row.at, actor=row.actor, what=row.what, details=row.details))
            for row in rows
        )

    async def _write_members(self, code_id: LiveCodeId, corp_id: AccountId, draft: LiveCodeDraft) -> None:
        await self._uow.execute(
            "INSERT INTO live_code_member (tenant_id, corp_id, userid, code_id) "
            "SELECT :tenant, :corp, userid, :id FROM unnest(CAST(:userids AS text[])) AS userid",
            {**self._of(code_id), "corp": corp_id, "userids": list(everybody(draft))},
        )

    def _of(self, code_id: LiveCodeId) -> dict[str, Any]:
        return {"tenant": self._uow.tenant_id, "id": code_id}


def code_of(row: Any) -> KeptCode:
    """Return the row of a code."""
    return KeptCode(
        code_id=LiveCodeId(row.id),
        corp_id=AccountId(row.corp_id),
        status=CodeStatus(row.status),
        draft=LiveCodeDraft.model_validate(row.draft),
        is_exclusive=row.is_exclusive,
        redirect=None if row.redirect is None else Place.model_validate(row.redirect),
        state=row.state,
        tier=Tier(row.tier),
        eligible=tuple(row.eligible),
        users=tuple(row.users),
        skip_verify=row.skip_verify,
        obstacles={userid: Obstacle(found) for userid, found in row.obstacles.items()},
        credits=row.credits,
        next_border=row.next_border,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
