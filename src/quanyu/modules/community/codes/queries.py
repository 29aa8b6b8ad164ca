"""Every statement on ``group_code`` and ``group_code_target``, but for what visitors do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.community.codes.contracts import (
    CodeId,
    GroupCodeState,
    GroupStandby,
    ImageDraft,
    OnJoin,
    TargetDraft,
    TargetId,
    WayDraft,
)

_TARGET: Final[TypeAdapter[WayDraft | ImageDraft]] = TypeAdapter(TargetDraft)
SHOWN_MAX: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCode:
    """A row of ``group_code``."""

    code_id: CodeId
    corp_id: int
    token: str
    name: str
    notice: str
    standby: GroupStandby
    capacity: int
    margin: int
    on_join: OnJoin
    state: GroupCodeState
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTarget:
    """A row of ``group_code_target``; its picture is read apart."""

    target_id: TargetId
    code_id: CodeId
    position: int
    draft: WayDraft | ImageDraft
    group_ids: tuple[int, ...] = ()
    is_removed: bool = False
    way_state: str | None = None
    config_id: str = ""
    qr_url: str = ""
    actual: str = ""
    status: str = "ready"
    lost: int = 0
    attempts: int = 0
    reason: str = ""
    due_at: datetime | None = None
    expires_at: datetime | None = None
    warned_at: datetime | None = None
    picture: bytes | None = field(default=None, repr=False)
    picture_type: str = ""


class CodeQueries:
    """Codes and their targets."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def insert(self, code: KeptCode) -> None:
        await self._uow.execute(
            "INSERT INTO group_code (tenant_id, id, corp_id, token, draft, state, created_at, updated_at) "
            "VALUES (:tenant, :id, :corp, :token, CAST(:draft AS jsonb), :state, :now, :now)",
            {
                "tenant": self._uow.tenant_id,
                "id": code.code_id,
                "corp": code.corp_id,
                "token": code.token,
                "draft": _draft_text(code),
                "state": code.state,
                "now": code.created_at,
            },
        )

    async def save(self, code: KeptCode) -> None:
        await self._uow.execute(
            "UPDATE group_code SET draft = CAST(:draft AS jsonb), state = :state, updated_at = :now "
            "WHERE tenant_id = :tenant AND id = :id",
            {
                "tenant": self._uow.tenant_id,
                "id": code.code_id,
                "draft": _draft_text(code),
                "state": code.state,
                "now": self._uow.clock.now(),
            },
        )

    async def list_all(self) -> tuple[KeptCode, ...]:
        rows = await self._uow.execute(
            "SELECT * FROM group_code WHERE tenant_id = :tenant ORDER BY state = 'archived', id DESC "
            "LIMIT :limit",
            {"tenant": self._uow.tenant_id, "limit": SHOWN_MAX},
        )
        return tuple(_code(row) for row in rows)

    async def find(self, code_id: CodeId, *, lock: bool = False) -> KeptCode | None:
        rows = await self._uow.execute(
            _LOCK if lock else _FIND,
            {"tenant": self._uow.tenant_id, "id": code_id},
        )
        row = rows.first()
        return None if row is None else _code(row)

    async def find_anywhere(self, token: str) -> tuple[int, CodeId] | None:
        """Return the brand and number of a printed code; runs under no tenant."""
        rows = await self._uow.execute(
            "SELECT tenant_id, id FROM group_code WHERE token = :token", {"token": token}
        )
        row = rows.first()
        return None if row is None else (row.tenant_id, CodeId(row.id))

    async def targets(self, code_ids: Sequence[CodeId]) -> dict[CodeId, list[KeptTarget]]:
        """Return the targets of codes, in order, those that were taken out left out."""
        rows = await self._uow.execute(
            f"SELECT {COLUMNS} FROM group_code_target WHERE tenant_id = :tenant "  # noqa: S608
            "AND code_id = ANY(:codes) AND NOT is_removed ORDER BY code_id, position",
            {"tenant": self._uow.tenant_id, "codes": list(code_ids)},
        )
        found: dict[CodeId, list[KeptTarget]] = {code_id: [] for code_id in code_ids}
        for row in rows:
            found[CodeId(row.code_id)].append(read_target(row))
        return found

    async def save_target(self, target: KeptTarget, *, due_at: datetime | None) -> None:
        """Insert or replace a target as people describe it; what the platform said of it stays."""
        await self._uow.execute(
            _SAVE_TARGET,
            {
                "tenant": self._uow.tenant_id,
                "id": target.target_id,
                "code": target.code_id,
                "position": target.position,
                "kind": target.draft.kind,
                "draft": target.draft.model_dump_json(exclude={"picture"}),
                "groups": list(target.group_ids),
                "state": target.way_state,
                "status": target.status,
                "due": due_at,
                "picture": target.picture,
                "type": target.picture_type,
                "expires": target.expires_at,
                "now": self._uow.clock.now(),
            },
        )

    async def remove_target(self, target: KeptTarget) -> None:
        """Take a target out; a join way is given back to the platform."""
        await self._uow.execute(
            "UPDATE group_code_target SET is_removed = true, picture = NULL, attempts = 0, reason = '', "
            "status = CASE WHEN config_id = '' THEN 'deleted' ELSE 'deleting' END, "
            "due_at = CASE WHEN config_id = '' THEN NULL ELSE CAST(:now AS timestamptz) END "
            "WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._uow.tenant_id, "id": target.target_id, "now": self._uow.clock.now()},
        )

    async def picture(self, code_id: CodeId, target_id: TargetId) -> tuple[bytes, str] | None:
        rows = await self._uow.execute(
            "SELECT picture, picture_type FROM group_code_target WHERE tenant_id = :tenant "
            "AND code_id = :code AND id = :id AND picture IS NOT NULL",
            {"tenant": self._uow.tenant_id, "code": code_id, "id": target_id},
        )
        row = rows.first()
        return None if row is None else (bytes(row.picture), row.picture_type)

    async def codes_of_states(self, states: Sequence[str]) -> Mapping[str, int]:
        rows = await self._uow.execute(
            "SELECT way_state, code_id FROM group_code_target WHERE tenant_id = :tenant "
            "AND way_state = ANY(:states)",
            {"tenant": self._uow.tenant_id, "states": list(states)},
        )
        return {row.way_state: row.code_id for row in rows}

    async def add_group(self, states: Sequence[str], group_id: int) -> None:
        """Have the ways with these states lead into a group too: the platform opened it for one of them.

        Somebody may also have been moved into a group that is none of the way's: only a group that belongs
        to no target of the code joins it.
        """
        await self._uow.execute(
            "UPDATE group_code_target t SET group_ids = array_append(t.group_ids, :group), due_at = :now "
            "WHERE t.tenant_id = :tenant AND t.way_state = ANY(:states) AND NOT t.is_removed "
            "AND NOT EXISTS (SELECT 1 FROM group_code_target o WHERE o.tenant_id = :tenant "
            "AND o.code_id = t.code_id AND :group = ANY(o.group_ids)) "
            "AND cardinality(t.group_ids) < :limit",
            {
                "tenant": self._uow.tenant_id,
                "states": list(states),
                "group": group_id,
                "limit": 1_000,
                "now": self._uow.clock.now(),
            },
        )

    async def look_at_ways_into(self, group_id: int) -> None:
        """Have the ways into a group compared with what they should be."""
        await self._uow.execute(
            "UPDATE group_code_target SET due_at = :now WHERE tenant_id = :tenant AND kind = 'way' "
            "AND :group = ANY(group_ids) AND NOT is_removed AND status = 'ready'",
            {"tenant": self._uow.tenant_id, "group": group_id, "now": self._uow.clock.now()},
        )

    async def count_ways(self, corp_id: int | None = None) -> int:
        """Return how many join ways the platform counts, those lost with an answer included (CW-7)."""
        rows = await self._uow.execute(
            "SELECT coalesce(sum((t.config_id <> '' AND t.status <> 'deleted')::int + t.lost), 0) "
            "FROM group_code_target t JOIN group_code c ON c.tenant_id = t.tenant_id AND c.id = t.code_id "
            "WHERE t.tenant_id = :tenant AND (CAST(:corp AS bigint) IS NULL OR c.corp_id = :corp)",
            {"tenant": self._uow.tenant_id, "corp": corp_id},
        )
        return int(rows.scalar_one())


def _draft_text(code: KeptCode) -> str:
    kept = _CodeRow(
        name=code.name,
        notice=code.notice,
        standby=code.standby,
        capacity=code.capacity,
        margin=code.margin,
        on_join=code.on_join,
    )
    return _ROW.dump_json(kept).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class _CodeRow:
    name: str
    notice: str
    standby: GroupStandby
    capacity: int
    margin: int
    on_join: OnJoin


_ROW: Final[TypeAdapter[_CodeRow]] = TypeAdapter(_CodeRow)


def _code(row: Any) -> KeptCode:
    draft = _ROW.validate_python(row.draft)
    return KeptCode(
        code_id=CodeId(row.id),
        corp_id=row.corp_id,
        token=row.token,
        name=draft.name,
        notice=draft.notice,
        standby=draft.standby,
        capacity=draft.capacity,
        margin=draft.margin,
        on_join=draft.on_join,
        state=GroupCodeState(row.state),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def read_target(row: Any) -> KeptTarget:
    return KeptTarget(
        target_id=TargetId(row.id),
        code_id=CodeId(row.code_id),
        position=row.position,
        draft=_TARGET.validate_python(row.draft),
        group_ids=tuple(row.group_ids),
        is_removed=row.is_removed,
        way_state=row.way_state,
        config_id=row.config_id,
        qr_url=row.qr_url,
        actual=row.actual,
        status=row.status,
        lost=row.lost,
        attempts=row.attempts,
        reason=row.reason,
        due_at=row.due_at,
        expires_at=row.expires_at,
        warned_at=row.warned_at,
        picture_type=row.picture_type,
    )


COLUMNS: Final = (
    "id, code_id, position, kind, draft, is_removed, group_ids, way_state, config_id, qr_url, actual, "
    "status, lost, attempts, reason, due_at, picture_type, expires_at, warned_at"
)
_FIND: Final = "SELECT * FROM group_code WHERE tenant_id = :tenant AND id = :id"
_LOCK: Final = f"{_FIND} FOR UPDATE"
_SAVE_TARGET: Final = """
INSERT INTO group_code_target AS t (tenant_id, id, code_id, position, kind, draft, group_ids, way_state,
    status, due_at, picture, picture_type, expires_at, updated_at)
VALUES (:tenant, :id, :code, :position, :kind, CAST(:draft AS jsonb), CAST(:groups AS bigint[]), :state,
    :status, :due, :picture, :type, :expires, :now)
ON CONFLICT (tenant_id, id) DO UPDATE SET position = excluded.position, draft = excluded.draft,
    group_ids = excluded.group_ids, status = excluded.status, due_at = excluded.due_at, attempts = 0,
    reason = '', picture = coalesce(excluded.picture, t.picture),
    picture_type = CASE WHEN excluded.picture IS NULL THEN t.picture_type ELSE excluded.picture_type END,
    warned_at = CASE WHEN t.expires_at IS DISTINCT FROM excluded.expires_at THEN NULL ELSE t.warned_at END,
    expires_at = excluded.expires_at, updated_at = excluded.updated_at
"""
