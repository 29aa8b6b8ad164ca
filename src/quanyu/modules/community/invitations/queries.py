"""Every statement on ``group_invitation``, ``group_invitation_send`` and ``group_invitee``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.community.invitations.contracts import (
    InvitationDraft,
    InvitationId,
    InvitationState,
    SendState,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptInvitation:
    """A row of ``group_invitation``."""

    invitation_id: InvitationId
    corp_id: int
    code_id: int
    draft: InvitationDraft
    state: InvitationState
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSend:
    """A row of ``group_invitation_send``: one mass message for one member."""

    send_id: int
    invitation_id: InvitationId
    userid: str
    mark: str
    msgid: str = ""
    media_id: str = ""
    state: SendState = SendState.PLANNED
    asked_at: datetime | None = None
    confirmed_at: datetime | None = None
    reminded_at: tuple[datetime, ...] = ()
    attempts: int = 0
    polls: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptInvitee:
    """A row of ``group_invitee``."""

    token: bytes
    userid: str
    send_id: int | None
    person_id: PersonId | None
    external_sealed: bytes
    excluded: str = ""


class InvitationQueries:
    """Invitations and their parts."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def insert(self, one: KeptInvitation) -> None:
        await self._uow.execute(
            "INSERT INTO group_invitation (tenant_id, id, corp_id, code_id, draft, state, created_at, "
            "updated_at) VALUES (:tenant, :id, :corp, :code, CAST(:draft AS jsonb), :state, :now, :now)",
            {
                "tenant": self._uow.tenant_id,
                "id": one.invitation_id,
                "corp": one.corp_id,
                "code": one.code_id,
                "draft": one.draft.model_dump_json(),
                "state": one.state,
                "now": one.created_at,
            },
        )

    async def change(self, one: KeptInvitation) -> None:
        await self._uow.execute(
            "UPDATE group_invitation SET draft = CAST(:draft AS jsonb), code_id = :code, updated_at = :now "
            "WHERE tenant_id = :tenant AND id = :id AND state = 'draft'",
            {**self._of(one.invitation_id), "draft": one.draft.model_dump_json(), "code": one.code_id},
        )

    async def list_all(self) -> tuple[KeptInvitation, ...]:
        rows = await self._uow.execute(
            "SELECT * FROM group_invitation WHERE tenant_id = :tenant ORDER BY id DESC LIMIT 200",
            {"tenant": self._uow.tenant_id},
        )
        return tuple(_invitation(row) for row in rows)

    async def find(self, invitation_id: InvitationId) -> KeptInvitation | None:
        rows = await self._uow.execute(
            "SELECT * FROM group_invitation WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._uow.tenant_id, "id": invitation_id},
        )
        row = rows.first()
        return None if row is None else _invitation(row)

    async def move(
        self, invitation_id: InvitationId, states: Sequence[InvitationState], to: InvitationState
    ) -> bool:
        """Move an invitation if it is in one of these states; return whether it was (MS-1)."""
        done = await self._uow.execute(
            "UPDATE group_invitation SET state = :to, updated_at = :now, "
            "started_at = CASE WHEN :to = 'sending' THEN CAST(:now AS timestamptz) ELSE started_at END, "
            "ended_at = CASE WHEN :to IN ('done', 'stopped') THEN CAST(:now AS timestamptz) "
            "ELSE ended_at END WHERE tenant_id = :tenant AND id = :id AND state = ANY(:states)",
            {**self._of(invitation_id), "to": str(to), "states": [str(one) for one in states]},
        )
        return done.rowcount == 1

    async def plan(
        self, invitation_id: InvitationId, sends: Sequence[KeptSend], invitees: Sequence[KeptInvitee]
    ) -> None:
        """Write the snapshot of who is invited by whom, and who is left out (MS-2)."""
        now = self._uow.clock.now()
        await self._uow.execute(
            "INSERT INTO group_invitation_send (tenant_id, id, invitation_id, userid, mark, state, due_at) "
            "SELECT :tenant, s.id, :id, s.userid, s.mark, 'planned', :now FROM unnest("
            "CAST(:ids AS bigint[]), CAST(:userids AS text[]), CAST(:marks AS text[])) "
            "AS s (id, userid, mark)",
            {
                **self._of(invitation_id),
                "ids": [one.send_id for one in sends],
                "userids": [one.userid for one in sends],
                "marks": [one.mark for one in sends],
                "now": now,
            },
        )
        await self._uow.execute(
            _PLAN,
            {
                **self._of(invitation_id),
                "tokens": [one.token for one in invitees],
                "userids": [one.userid for one in invitees],
                "sends": [one.send_id for one in invitees],
                "persons": [one.person_id for one in invitees],
                "sealed": [one.external_sealed for one in invitees],
                "excluded": [one.excluded for one in invitees],
            },
        )

    async def inside(self, group_ids: Sequence[int]) -> tuple[set[bytes], set[PersonId]]:
        """Return who is in these groups, by token and by person."""
        rows = await self._uow.execute(
            "SELECT token, person_id FROM group_member WHERE tenant_id = :tenant "
            "AND group_id = ANY(:groups) AND left_at IS NULL AND is_customer",
            {"tenant": self._uow.tenant_id, "groups": list(group_ids)},
        )
        found = list(rows)
        people = {PersonId(row.person_id) for row in found if row.person_id is not None}
        return {bytes(row.token) for row in found}, people

    async def counts(self, invitation_id: InvitationId) -> Mapping[str, int]:
        """Return how many invitees have each status."""
        rows = await self._uow.execute(
            "SELECT status, count(*) AS many FROM group_invitee WHERE tenant_id = :tenant "
            "AND invitation_id = :id GROUP BY status",
            self._of(invitation_id),
        )
        return {row.status: row.many for row in rows}

    async def excluded(self, invitation_id: InvitationId) -> Mapping[str, int]:
        rows = await self._uow.execute(
            "SELECT excluded, count(*) AS many FROM group_invitee WHERE tenant_id = :tenant "
            "AND invitation_id = :id AND excluded <> '' GROUP BY excluded ORDER BY 1",
            self._of(invitation_id),
        )
        return {row.excluded: row.many for row in rows}

    async def joined(self, invitation_id: InvitationId, group_ids: Sequence[int]) -> Mapping[int, int]:
        """Return by send how many who got the message came into one of the groups since."""
        rows = await self._uow.execute(
            "SELECT i.send_id, count(*) AS many FROM group_invitee i WHERE i.tenant_id = :tenant "
            "AND i.invitation_id = :id AND i.status = 'sent' AND EXISTS (SELECT 1 FROM group_member m "
            "WHERE m.tenant_id = :tenant AND m.group_id = ANY(:groups) AND m.joined_at >= i.sent_at "
            "AND (m.token = i.token OR m.person_id = i.person_id)) GROUP BY i.send_id",
            {**self._of(invitation_id), "groups": list(group_ids)},
        )
        return {row.send_id: row.many for row in rows}

    async def visited(self, invitation_id: InvitationId) -> int:
        rows = await self._uow.execute(
            "SELECT count(DISTINCT v.visitor) FROM group_code_visit v JOIN group_invitation_send s "
            "ON s.tenant_id = v.tenant_id AND s.id = v.send_id "
            "WHERE v.tenant_id = :tenant AND s.invitation_id = :id",
            self._of(invitation_id),
        )
        return int(rows.scalar_one())

    async def sends(self, invitation_id: InvitationId) -> tuple[tuple[KeptSend, int, int], ...]:
        """Return each member's part with how many customers it has and how many got the message."""
        rows = await self._uow.execute(
            "SELECT s.*, (SELECT count(*) FROM group_invitee i WHERE i.tenant_id = s.tenant_id "
            "AND i.invitation_id = s.invitation_id AND i.send_id = s.id) AS invitees, "
            "(SELECT count(*) FROM group_invitee i WHERE i.tenant_id = s.tenant_id "
            "AND i.invitation_id = s.invitation_id AND i.send_id = s.id AND i.status = 'sent') AS sent "
            "FROM group_invitation_send s WHERE s.tenant_id = :tenant AND s.invitation_id = :id "
            "ORDER BY s.userid, s.id LIMIT 2000",
            self._of(invitation_id),
        )
        return tuple((kept_send(row), row.invitees, row.sent) for row in rows)

    async def send_of(self, mark: str) -> int | None:
        rows = await self._uow.execute(
            "SELECT id FROM group_invitation_send WHERE tenant_id = :tenant AND mark = :mark",
            {"tenant": self._uow.tenant_id, "mark": mark},
        )
        found: int | None = rows.scalar_one_or_none()
        return found

    async def stop_sends(self, invitation_id: InvitationId) -> None:
        """Have what is not confirmed taken back; what the platform was never asked for just ends."""
        await self._uow.execute(
            "UPDATE group_invitation_send SET due_at = CASE WHEN state = 'planned' THEN NULL "
            "ELSE CAST(:now AS timestamptz) END, attempts = 0, "
            "state = CASE WHEN state = 'planned' THEN 'stopped' ELSE 'stopping' END "
            "WHERE tenant_id = :tenant AND invitation_id = :id "
            "AND state IN ('planned', 'asked', 'waiting')",
            self._of(invitation_id),
        )

    def _of(self, invitation_id: InvitationId) -> dict[str, Any]:
        return {"tenant": self._uow.tenant_id, "id": invitation_id, "now": self._uow.clock.now()}


def _invitation(row: Any) -> KeptInvitation:
    return KeptInvitation(
        invitation_id=InvitationId(row.id),
        corp_id=row.corp_id,
        code_id=row.code_id,
        draft=InvitationDraft.model_validate(row.draft),
        state=InvitationState(row.state),
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def kept_send(row: Any) -> KeptSend:
    """Read a row of ``group_invitation_send``."""
    return KeptSend(
        send_id=row.id,
        invitation_id=InvitationId(row.invitation_id),
        userid=row.userid,
        mark=row.mark,
        msgid=row.msgid,
        media_id=row.media_id,
        state=SendState(row.state),
        asked_at=row.asked_at,
        confirmed_at=row.confirmed_at,
        reminded_at=tuple(row.reminded_at),
        attempts=row.attempts,
        polls=row.polls,
        reason=row.reason,
    )


_PLAN: Final = """
INSERT INTO group_invitee (tenant_id, invitation_id, token, userid, send_id, person_id, external_sealed,
    excluded, status)
SELECT :tenant, :id, n.token, n.userid, n.send, n.person, n.sealed, n.excluded,
    CASE WHEN n.excluded = '' THEN 'planned' ELSE 'excluded' END
FROM unnest(CAST(:tokens AS bytea[]), CAST(:userids AS text[]), CAST(:sends AS bigint[]),
    CAST(:persons AS int[]), CAST(:sealed AS bytea[]), CAST(:excluded AS text[]))
    AS n (token, userid, send, person, sealed, excluded)
ON CONFLICT DO NOTHING
"""
