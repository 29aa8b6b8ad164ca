"""Every statement on ``staff_alert``, ``staff_alert_rules`` and ``staff_notice``."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.customers.alerts.contracts import (
    Alert,
    AlertId,
    AlertKind,
    AlertRules,
    AlertState,
    Notice,
    NoticeId,
)


class AlertQueries:
    """Alerts and the rules they follow."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def rules(self, corp_id: AccountId) -> AlertRules:
        """Return a company's rules; the defaults while nobody set any."""
        rows = await self._uow.execute(
            "SELECT rules FROM staff_alert_rules WHERE tenant_id = :tenant AND corp_id = :corp",
            {"tenant": self._uow.tenant_id, "corp": corp_id},
        )
        row = rows.first()
        return AlertRules() if row is None else AlertRules.model_validate(row.rules)

    async def save_rules(self, corp_id: AccountId, rules: AlertRules) -> None:
        await self._uow.execute(
            "INSERT INTO staff_alert_rules (tenant_id, corp_id, rules, updated_at) "
            "VALUES (:tenant, :corp, CAST(:rules AS jsonb), :now) "
            "ON CONFLICT (tenant_id, corp_id) DO UPDATE SET rules = excluded.rules, "
            "updated_at = excluded.updated_at",
            {
                "tenant": self._uow.tenant_id,
                "corp": corp_id,
                "rules": rules.model_dump_json(),
                "now": self._uow.clock.now(),
            },
        )

    async def add(self, alerts: Sequence[Alert]) -> None:
        """Insert alerts; of one that is there the larger count stays. Idempotent."""
        for one in sorted(alerts, key=lambda alert: (alert.corp_id, alert.kind, alert.key)):
            await self._uow.execute(
                _ADD,
                {
                    "tenant": self._uow.tenant_id,
                    "id": one.alert_id,
                    "corp": one.corp_id,
                    "kind": one.kind,
                    "key": one.key,
                    "userid": one.userid,
                    "token": one.token,
                    "person": one.person_id,
                    "count": one.count,
                    "at": one.happened_at,
                    "now": self._uow.clock.now(),
                },
            )

    async def count_deletions(
        self, corp_id: AccountId, userid: str, *, since: datetime, until: datetime
    ) -> int:
        """Return how many customers a member deleted in [since, until)."""
        rows = await self._uow.execute(
            "SELECT count(*) FROM staff_customer WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND member_userid = :userid AND status = 'deleted_by_staff' "
            "AND ended_at >= :since AND ended_at < :until",
            {
                "tenant": self._uow.tenant_id,
                "corp": corp_id,
                "userid": userid,
                "since": since,
                "until": until,
            },
        )
        return int(rows.scalar_one())

    async def page(
        self,
        *,
        state: AlertState | None,
        kind: AlertKind | None,
        corp_id: AccountId | None,
        userid: str,
        before: int | None,
        limit: int,
    ) -> tuple[Alert, ...]:
        """Return alerts, newest first."""
        rows = await self._uow.execute(
            "SELECT * FROM staff_alert WHERE tenant_id = :tenant "
            "AND (CAST(:state AS text) IS NULL OR state = :state) "
            "AND (CAST(:kind AS text) IS NULL OR kind = :kind) "
            "AND (CAST(:corp AS bigint) IS NULL OR corp_id = :corp) "
            "AND (:userid = '' OR member_userid = :userid) "
            "AND (CAST(:before AS bigint) IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit",
            {
                "tenant": self._uow.tenant_id,
                "state": state,
                "kind": kind,
                "corp": corp_id,
                "userid": userid,
                "before": before,
                "limit": limit,
            },
        )
        return tuple(_alert(row) for row in rows)

    async def count_open(self) -> int:
        rows = await self._uow.execute(
            "SELECT count(*) FROM staff_alert WHERE tenant_id = :tenant AND state = 'open'",
            {"tenant": self._uow.tenant_id},
        )
        return int(rows.scalar_one())

    async def settle(self, alert_id: AlertId, *, state: AlertState, by: str, note: str) -> Alert | None:
        """Write who saw to an alert, or that nobody has."""
        handled = state is AlertState.HANDLED
        rows = await self._uow.execute(
            "UPDATE staff_alert SET state = :state, handled_by = :by, handled_at = :at, note = :note "
            "WHERE tenant_id = :tenant AND id = :id RETURNING *",
            {
                "tenant": self._uow.tenant_id,
                "id": alert_id,
                "state": state,
                "by": by if handled else "",
                "at": self._uow.clock.now() if handled else None,
                "note": note,
            },
        )
        row = rows.first()
        return None if row is None else _alert(row)

    async def corps_with_untold(self) -> tuple[AccountId, ...]:
        rows = await self._uow.execute(
            "SELECT DISTINCT corp_id FROM staff_alert WHERE tenant_id = :tenant AND told_at IS NULL",
            {"tenant": self._uow.tenant_id},
        )
        return tuple(AccountId(row.corp_id) for row in rows)

    async def take_untold(
        self, corp_id: AccountId, kinds: Sequence[AlertKind], *, limit: int, before: datetime | None = None
    ) -> tuple[Alert, ...]:
        """Take alerts nobody was told of, made before an instant; they count as told from this commit on."""
        rows = await self._uow.execute(
            "WITH due AS MATERIALIZED (SELECT id FROM staff_alert WHERE tenant_id = :tenant "
            "AND corp_id = :corp AND told_at IS NULL AND kind = ANY(:kinds) "
            "AND (CAST(:before AS timestamptz) IS NULL OR created_at < :before) "
            "ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED) "
            "UPDATE staff_alert a SET told_at = :now FROM due "
            "WHERE a.tenant_id = :tenant AND a.id = due.id RETURNING a.*",
            {
                "tenant": self._uow.tenant_id,
                "corp": corp_id,
                "kinds": list(kinds),
                "limit": limit,
                "before": before,
                "now": self._uow.clock.now(),
            },
        )
        return tuple(sorted((_alert(row) for row in rows), key=lambda one: one.alert_id))


class NoticeQueries:
    """The outbox of messages to members."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def add(
        self, notice_id: NoticeId, corp_id: AccountId, receivers: Sequence[str], sealed: bytes
    ) -> None:
        await self._uow.execute(
            "INSERT INTO staff_notice (tenant_id, id, corp_id, receivers, content_sealed, state, due_at, "
            "created_at) VALUES (:tenant, :id, :corp, :receivers, :content, 'waiting', :now, :now)",
            {
                "tenant": self._uow.tenant_id,
                "id": notice_id,
                "corp": corp_id,
                "receivers": list(receivers),
                "content": sealed,
                "now": self._uow.clock.now(),
            },
        )

    async def claim(self, *, now: datetime, until: datetime) -> Notice | None:
        """Take a message that is due; until ``until`` nobody else takes it."""
        rows = await self._uow.execute(
            "WITH due AS MATERIALIZED (SELECT id FROM staff_notice WHERE tenant_id = :tenant "
            "AND state = 'waiting' AND due_at <= :now ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED) "
            "UPDATE staff_notice n SET due_at = :until, attempts = n.attempts + 1, "
            "first_tried_at = coalesce(n.first_tried_at, :now) FROM due "
            "WHERE n.tenant_id = :tenant AND n.id = due.id RETURNING n.*",
            {"tenant": self._uow.tenant_id, "now": now, "until": until},
        )
        row = rows.first()
        if row is None:
            return None
        return Notice(
            notice_id=NoticeId(row.id),
            corp_id=AccountId(row.corp_id),
            receivers=tuple(row.receivers),
            content_sealed=bytes(row.content_sealed),
            attempts=row.attempts,
            first_tried_at=row.first_tried_at,
        )

    async def settle(self, notice: Notice, *, state: str, reason: str = "") -> None:
        await self._uow.execute(
            # Its words name customers; once it is out of our hands nobody needs them here.
            "UPDATE staff_notice SET state = :state, reason = :reason, sent_at = :sent, content_sealed = '' "
            "WHERE tenant_id = :tenant AND id = :id AND state = 'waiting'",
            {
                **self._of(notice),
                "state": state,
                "reason": reason,
                "sent": self._uow.clock.now() if state == "sent" else None,
            },
        )

    async def again(self, notice: Notice, *, at: datetime, reason: str) -> None:
        await self._uow.execute(
            "UPDATE staff_notice SET due_at = :at, reason = :reason "
            "WHERE tenant_id = :tenant AND id = :id AND state = 'waiting'",
            {**self._of(notice), "at": at, "reason": reason},
        )

    def _of(self, notice: Notice) -> Mapping[str, Any]:
        return {"tenant": self._uow.tenant_id, "id": notice.notice_id}


def _alert(row: Any) -> Alert:
    return Alert(
        alert_id=AlertId(row.id),
        corp_id=AccountId(row.corp_id),
        kind=AlertKind(row.kind),
        key=row.key,
        userid=row.member_userid,
        token=row.customer_token and bytes(row.customer_token),
        person_id=row.person_id,
        count=row.count,
        happened_at=row.happened_at,
        state=AlertState(row.state),
        handled_by=row.handled_by,
        handled_at=row.handled_at,
        note=row.note,
    )


_ADD: Final = """
INSERT INTO staff_alert AS a (tenant_id, id, corp_id, kind, key, member_userid, customer_token, person_id,
    count, happened_at, created_at)
VALUES (:tenant, :id, :corp, :kind, :key, :userid, :token, :person, :count, :at, :now)
ON CONFLICT (tenant_id, corp_id, kind, key) DO UPDATE SET count = excluded.count
    WHERE a.count < excluded.count
"""
