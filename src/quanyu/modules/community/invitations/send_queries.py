"""Statements that carry one member's message from planned to its end."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.community.invitations.contracts import InvitationId, SendState
from quanyu.modules.community.invitations.queries import KeptSend, kept_send


class SendQueries:
    """The state of messages; each move names the state it starts from, so that a stop is not undone."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def claim(self, *, now: datetime, until: datetime) -> KeptSend | None:
        """Take the message that is due longest."""
        rows = await self._uow.execute(
            "WITH due AS MATERIALIZED (SELECT id FROM group_invitation_send "
            "WHERE tenant_id = :tenant AND due_at <= :now ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED) "
            "UPDATE group_invitation_send s SET due_at = :until, attempts = s.attempts + 1 "
            "FROM due WHERE s.tenant_id = :tenant AND s.id = due.id RETURNING s.*",
            {"tenant": self._uow.tenant_id, "now": now, "until": until},
        )
        row = rows.first()
        return None if row is None else kept_send(row)

    async def find(self, send_id: int) -> KeptSend | None:
        rows = await self._uow.execute(
            "SELECT * FROM group_invitation_send WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._uow.tenant_id, "id": send_id},
        )
        row = rows.first()
        return None if row is None else kept_send(row)

    async def asked(self, send: KeptSend, *, media_id: str) -> None:
        """Write that the platform is about to be asked."""
        await self._uow.execute(
            "UPDATE group_invitation_send SET state = 'asked', asked_at = :now, media_id = :media "
            "WHERE tenant_id = :tenant AND id = :id AND state = 'planned'",
            {**self._of(send), "media": media_id},
        )

    async def not_asked(self, send: KeptSend) -> None:
        """Write that the platform surely has no such message: it may be sent."""
        await self._uow.execute(
            "UPDATE group_invitation_send SET state = 'planned', due_at = :now "
            "WHERE tenant_id = :tenant AND id = :id AND state = 'asked'",
            self._of(send),
        )

    async def taken(self, send: KeptSend, msgid: str, *, after: timedelta) -> None:
        """Keep the platform's id; a stop that came meanwhile goes on with it."""
        await self._uow.execute(
            "UPDATE group_invitation_send SET msgid = :msgid, reason = '', attempts = 0, "
            "state = CASE WHEN state = 'asked' THEN 'waiting' ELSE state END, "
            "due_at = CASE WHEN state = 'asked' THEN CAST(:again AS timestamptz) ELSE due_at END "
            "WHERE tenant_id = :tenant AND id = :id",
            {**self._of(send), "msgid": msgid, "again": self._uow.clock.now() + after},
        )
        await self._uow.execute(
            "UPDATE group_invitee SET status = 'waiting' WHERE tenant_id = :tenant "
            "AND invitation_id = :invitation AND send_id = :id AND status = 'planned'",
            self._of(send),
        )

    async def again(
        self, send: KeptSend, *, after: timedelta, reason: str = "", polled: bool = False
    ) -> None:
        """Have the next step made later."""
        await self._uow.execute(
            "UPDATE group_invitation_send SET due_at = :again, reason = :reason, polls = polls + :polled "
            "WHERE tenant_id = :tenant AND id = :id AND state IN ('planned', 'asked', 'waiting', 'stopping') "
            "AND NOT (state = 'stopping' AND :state <> 'stopping')",
            {
                **self._of(send),
                "state": str(send.state),
                "again": self._uow.clock.now() + after,
                "reason": reason,
                "polled": int(polled),
            },
        )

    async def reminded(self, send: KeptSend) -> None:
        await self._uow.execute(
            "UPDATE group_invitation_send SET reminded_at = array_append(reminded_at, "
            "CAST(:now AS timestamptz)) WHERE tenant_id = :tenant AND id = :id",
            self._of(send),
        )

    async def end(
        self, send: KeptSend, state: SendState, *, reason: str, confirmed_at: datetime | None
    ) -> None:
        """Write a final state; who got nothing by then gets nothing."""
        await self._uow.execute(
            "UPDATE group_invitation_send SET state = :state, reason = :reason, due_at = NULL, "
            "confirmed_at = :confirmed WHERE tenant_id = :tenant AND id = :id",
            {**self._of(send), "state": str(state), "reason": reason, "confirmed": confirmed_at},
        )
        await self._uow.execute(
            "UPDATE group_invitee SET status = CASE WHEN :state = 'failed' THEN 'failed' "
            "ELSE 'not_sent' END WHERE tenant_id = :tenant AND invitation_id = :invitation "
            "AND send_id = :id AND status IN ('planned', 'waiting')",
            {**self._of(send), "state": str(state)},
        )

    async def invitees(self, send: KeptSend) -> Mapping[bytes, bytes]:
        """Return the sealed ids of who is to get this message, by token."""
        rows = await self._uow.execute(
            "SELECT token, external_sealed FROM group_invitee WHERE tenant_id = :tenant "
            "AND invitation_id = :invitation AND send_id = :id AND status = 'planned' ORDER BY token",
            self._of(send),
        )
        return {bytes(row.token): bytes(row.external_sealed) for row in rows}

    async def results(self, send: KeptSend, found: Mapping[bytes, tuple[str, datetime | None]]) -> None:
        """Write what became of the message for these customers."""
        if found:
            await self._uow.execute(
                "UPDATE group_invitee i SET status = k.status, sent_at = CASE WHEN k.status = 'sent' "
                "THEN coalesce(k.at, :now) END FROM unnest(CAST(:tokens AS bytea[]), "
                "CAST(:statuses AS text[]), CAST(:times AS timestamptz[])) AS k (token, status, at) "
                "WHERE i.tenant_id = :tenant AND i.invitation_id = :invitation AND i.send_id = :id "
                "AND i.token = k.token",
                {
                    **self._of(send),
                    "tokens": list(found),
                    "statuses": [status for status, _ in found.values()],
                    "times": [at for _, at in found.values()],
                },
            )

    async def settle_invitation(self, invitation_id: InvitationId) -> None:
        """Move an invitation on when its messages allow."""
        await self._uow.execute(
            _SETTLE,
            {
                "tenant": self._uow.tenant_id,
                "id": invitation_id,
                "now": self._uow.clock.now(),
            },
        )

    def _of(self, send: KeptSend) -> dict[str, Any]:
        return {
            "tenant": self._uow.tenant_id,
            "id": send.send_id,
            "invitation": send.invitation_id,
            "now": self._uow.clock.now(),
        }


_SETTLE: Final = """
WITH open AS (
    SELECT count(*) FILTER (WHERE state IN ('planned', 'asked')) AS early,
        count(*) FILTER (WHERE state IN ('planned', 'asked', 'waiting', 'stopping')) AS any
    FROM group_invitation_send WHERE tenant_id = :tenant AND invitation_id = :id
)
UPDATE group_invitation SET state = CASE WHEN open.any = 0 THEN 'done' ELSE 'waiting' END,
    ended_at = CASE WHEN open.any = 0 THEN CAST(:now AS timestamptz) END, updated_at = :now
FROM open WHERE tenant_id = :tenant AND id = :id AND open.early = 0 AND state IN ('sending', 'waiting')
    AND (open.any = 0 OR state = 'sending')
"""
