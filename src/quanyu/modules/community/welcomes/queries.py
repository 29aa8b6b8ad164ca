"""Every statement on ``group_welcome``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.community.welcomes.contracts import GroupWelcomeDraft, WelcomeId


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptWelcome:
    """A row of ``group_welcome``; ``version`` tells one content from a later one."""

    welcome_id: WelcomeId
    corp_id: int
    draft: GroupWelcomeDraft
    notify: bool
    template_id: str
    state: str
    attempts: int
    reason: str
    version: int
    created_at: datetime
    updated_at: datetime


class WelcomeQueries:
    """Group welcomes and what the platform has of them."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def insert(self, one: KeptWelcome) -> None:
        await self._uow.execute(
            "INSERT INTO group_welcome (tenant_id, id, corp_id, name, content, notify, state, due_at, "
            "created_at, updated_at) VALUES (:tenant, :id, :corp, :name, CAST(:content AS jsonb), :notify, "
            "'saving', :now, :now, :now)",
            {
                **self._of(one.welcome_id),
                "corp": one.corp_id,
                "name": one.draft.name,
                "content": one.draft.model_dump_json(),
                "notify": one.notify,
            },
        )

    async def change(self, welcome_id: WelcomeId, draft: GroupWelcomeDraft) -> None:
        await self._uow.execute(
            "UPDATE group_welcome SET name = :name, content = CAST(:content AS jsonb), state = 'saving', "
            "version = version + 1, attempts = 0, due_at = :now, updated_at = :now "
            "WHERE tenant_id = :tenant AND id = :id",
            {**self._of(welcome_id), "name": draft.name, "content": draft.model_dump_json()},
        )

    async def delete(self, welcome_id: WelcomeId) -> None:
        """Have the platform forget it; the groups that were to have it have none."""
        await self._uow.execute(
            "UPDATE group_welcome SET state = CASE WHEN template_id = '' THEN 'deleted' ELSE 'deleting' END, "
            "attempts = 0, due_at = CASE WHEN template_id = '' THEN NULL ELSE CAST(:now AS timestamptz) END, "
            "updated_at = :now WHERE tenant_id = :tenant AND id = :id",
            self._of(welcome_id),
        )
        await self._uow.execute(
            "UPDATE customer_group SET welcome_id = NULL WHERE tenant_id = :tenant AND welcome_id = :id",
            {"tenant": self._uow.tenant_id, "id": welcome_id},
        )

    async def list_all(self) -> tuple[KeptWelcome, ...]:
        rows = await self._uow.execute(
            "SELECT * FROM group_welcome WHERE tenant_id = :tenant AND state <> 'deleted' ORDER BY id DESC",
            {"tenant": self._uow.tenant_id},
        )
        return tuple(_welcome(row) for row in rows)

    async def find(self, welcome_id: WelcomeId) -> KeptWelcome | None:
        rows = await self._uow.execute(
            "SELECT * FROM group_welcome WHERE tenant_id = :tenant AND id = :id AND state <> 'deleted'",
            {"tenant": self._uow.tenant_id, "id": welcome_id},
        )
        row = rows.first()
        return None if row is None else _welcome(row)

    async def used(self, corp_id: int | None = None) -> int:
        """Return how many templates the platform may count."""
        rows = await self._uow.execute(
            "SELECT coalesce(sum((state <> 'deleted')::int + lost), 0) FROM group_welcome "
            "WHERE tenant_id = :tenant AND (CAST(:corp AS bigint) IS NULL OR corp_id = :corp)",
            {"tenant": self._uow.tenant_id, "corp": corp_id},
        )
        return int(rows.scalar_one())

    async def groups(self) -> dict[int, list[str]]:
        """Return the names of the groups that are to have each welcome."""
        rows = await self._uow.execute(
            "SELECT welcome_id, name FROM customer_group WHERE tenant_id = :tenant "
            "AND welcome_id IS NOT NULL AND state = 'active' ORDER BY name",
            {"tenant": self._uow.tenant_id},
        )
        found: dict[int, list[str]] = {}
        for row in rows:
            found.setdefault(row.welcome_id, []).append(row.name)
        return found

    async def claim(self, *, now: datetime, until: datetime) -> KeptWelcome | None:
        """Take the welcome due longest; one whose making nobody wrote the end of may have been made."""
        rows = await self._uow.execute(
            "WITH due AS MATERIALIZED (SELECT id FROM group_welcome WHERE tenant_id = :tenant "
            "AND due_at <= :now ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED) "
            "UPDATE group_welcome w SET due_at = :until, attempts = w.attempts + 1, "
            "lost = w.lost + CASE WHEN w.reason = 'asking' AND w.template_id = '' THEN 1 ELSE 0 END, "
            "reason = CASE WHEN w.template_id = '' THEN 'asking' ELSE w.reason END "
            "FROM due WHERE w.tenant_id = :tenant AND w.id = due.id RETURNING w.*",
            {"tenant": self._uow.tenant_id, "now": now, "until": until},
        )
        row = rows.first()
        return None if row is None else _welcome(row)

    async def saved(self, one: KeptWelcome, template_id: str) -> None:
        """Keep the platform's id; what changed meanwhile is saved next."""
        await self._uow.execute(
            "UPDATE group_welcome SET template_id = :template, reason = '', attempts = 0, "
            "state = CASE WHEN state = 'saving' AND version = :version THEN 'ready' ELSE state END, "
            "due_at = CASE WHEN state = 'saving' AND version = :version THEN NULL "
            "ELSE CAST(:now AS timestamptz) END WHERE tenant_id = :tenant AND id = :id",
            {**self._of(one.welcome_id), "template": template_id, "version": one.version},
        )
        # One that was deleted while it was made has to be deleted there too.
        await self._uow.execute(
            "UPDATE group_welcome SET state = 'deleting', due_at = :now "
            "WHERE tenant_id = :tenant AND id = :id AND state = 'deleted'",
            self._of(one.welcome_id),
        )

    async def gone(self, one: KeptWelcome) -> None:
        await self._uow.execute(
            "UPDATE group_welcome SET state = 'deleted', due_at = NULL, reason = '' "
            "WHERE tenant_id = :tenant AND id = :id",
            self._of(one.welcome_id),
        )

    async def refused(
        self, one: KeptWelcome, reason: str, *, again_at: datetime | None, is_lost: bool
    ) -> None:
        """Write why it is not as it should be; without ``again_at`` for good."""
        await self._uow.execute(
            "UPDATE group_welcome SET reason = :reason, due_at = :again, lost = lost + :lost, "
            "state = CASE WHEN CAST(:again AS timestamptz) IS NULL AND state = 'saving' THEN 'failed' "
            "ELSE state END WHERE tenant_id = :tenant AND id = :id",
            {**self._of(one.welcome_id), "reason": reason, "again": again_at, "lost": int(is_lost)},
        )

    def _of(self, welcome_id: WelcomeId) -> dict[str, Any]:
        return {"tenant": self._uow.tenant_id, "id": welcome_id, "now": self._uow.clock.now()}


def _welcome(row: Any) -> KeptWelcome:
    return KeptWelcome(
        welcome_id=WelcomeId(row.id),
        corp_id=row.corp_id,
        draft=GroupWelcomeDraft.model_validate(row.content),
        notify=row.notify,
        template_id=row.template_id,
        state=row.state,
        attempts=row.attempts,
        reason=row.reason,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
