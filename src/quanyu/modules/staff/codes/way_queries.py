"""Every statement on ``live_code_way``: the platform's codes, as they should be and as they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import new_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.codes.contracts import WayId
from quanyu.modules.staff.codes.rules import fingerprint
from quanyu.modules.staff.codes.states import LiveCodeId

# Between two changes of one code that are not urgent; more adds than this let a code go on meanwhile.
SPACING: Final = timedelta(seconds=1)
PACE: Final = "pace"  # The reason of a way that waits for our count of calls.


class Phase(StrEnum):
    """Where a code of the platform is."""

    PLANNED = "planned"  # Wanted; the platform has not been asked.
    ASKED = "asked"  # It was asked and may have made it: look before asking again.
    LIVE = "live"
    REMOVING = "removing"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A row of ``live_code_way``."""

    way_id: WayId
    corp_id: AccountId
    code_id: LiveCodeId
    userid: str  # Empty: the code itself; else one member's own.
    state: str
    is_exclusive: bool
    phase: Phase
    config_id: str | None
    qr_code: str
    wanted_users: tuple[str, ...]
    wanted_skip_verify: bool
    wanted_hash: str
    actual_users: tuple[str, ...]
    actual_skip_verify: bool
    actual_hash: str
    due_at: datetime | None
    attempts: int
    reason: str
    asked_at: datetime | None
    pushed_at: datetime | None
    checked_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a code of the platform should say."""

    users: tuple[str, ...]
    skip_verify: bool


class WayQueries:
    """Codes of the platform."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def current(self, code_ids: Sequence[LiveCodeId]) -> dict[LiveCodeId, Way]:
        """Return each code's own way, if it has one."""
        rows = await self._uow.execute(
            "SELECT * FROM live_code_way WHERE tenant_id = :tenant AND code_id = ANY(:codes) "
            "AND userid = '' AND phase IN ('planned', 'asked', 'live')",
            {"tenant": self._uow.tenant_id, "codes": list(code_ids)},
        )
        return {LiveCodeId(row.code_id): way_of(row) for row in rows}

    async def of_member(self, code_id: LiveCodeId, userid: str) -> Way | None:
        """Return a member's own way of a code."""
        rows = await self._uow.execute(
            "SELECT * FROM live_code_way WHERE tenant_id = :tenant AND code_id = :code "
            "AND userid = :userid AND phase IN ('planned', 'asked', 'live')",
            {"tenant": self._uow.tenant_id, "code": code_id, "userid": userid},
        )
        row = rows.first()
        return None if row is None else way_of(row)

    async def get(self, way_id: WayId) -> Way:
        rows = await self._uow.execute(
            "SELECT * FROM live_code_way WHERE tenant_id = :tenant AND id = :id",
            {"tenant": self._uow.tenant_id, "id": way_id},
        )
        return way_of(rows.one())

    async def plan(
        self,
        code_id: LiveCodeId,
        corp_id: AccountId,
        wanted: Wanted,
        *,
        state: str,
        is_exclusive: bool,
        userid: str = "",
    ) -> None:
        """Have a way made; nothing happens if there is one (CW-9: the intent comes before the call)."""
        await self._uow.execute(
            "INSERT INTO live_code_way (tenant_id, id, corp_id, code_id, userid, state, is_exclusive, phase, "
            "wanted_users, wanted_skip_verify, wanted_hash, due_at, used_at, created_at) "
            "VALUES (:tenant, :id, :corp, :code, :userid, :state, :exclusive, 'planned', :users, :skip, "
            ":hash, :now, :now, :now) "
            "ON CONFLICT (tenant_id, code_id, userid) WHERE phase IN ('planned', 'asked', 'live') DO NOTHING",
            {
                "tenant": self._uow.tenant_id,
                "id": new_id(),
                "corp": corp_id,
                "code": code_id,
                "userid": userid,
                "state": state,
                "exclusive": is_exclusive,
                "now": self._uow.clock.now(),
                **_wanted(wanted),
            },
        )

    async def want(self, code_id: LiveCodeId, wanted: Wanted, *, urgent: bool) -> int:
        """Say what the code's way should be; return 0 if it has none. Nothing is due if it is that (CW-4)."""
        done = await self._uow.execute(
            "UPDATE live_code_way SET wanted_users = :users, wanted_skip_verify = :skip, "
            "wanted_hash = :hash, due_at = CASE "
            "WHEN phase <> 'live' OR actual_hash = :hash OR (reason = :pace AND due_at > :now) THEN due_at "
            "WHEN :urgent OR pushed_at IS NULL THEN :now "
            "ELSE greatest(:now, pushed_at + CAST(:spacing AS interval)) END "
            "WHERE tenant_id = :tenant AND code_id = :code AND userid = '' "
            "AND phase IN ('planned', 'asked', 'live')",
            {
                "tenant": self._uow.tenant_id,
                "code": code_id,
                "now": self._uow.clock.now(),
                "urgent": urgent,
                "spacing": SPACING,
                "pace": PACE,
                **_wanted(wanted),
            },
        )
        return done.rowcount

    async def withdraw(self, code_id: LiveCodeId) -> int:
        """Have the code's own way removed at the platform; return whether it had one."""
        done = await self._uow.execute(
            "UPDATE live_code_way SET phase = 'removing', due_at = :now, attempts = 0 "
            "WHERE tenant_id = :tenant AND code_id = :code AND userid = '' "
            "AND phase IN ('planned', 'asked', 'live')",
            {"tenant": self._uow.tenant_id, "code": code_id, "now": self._uow.clock.now()},
        )
        return done.rowcount

    async def withdraw_own(self, code_id: LiveCodeId) -> int:
        """Have the members' own ways of a code removed; return how many."""
        done = await self._uow.execute(
            "UPDATE live_code_way SET phase = 'removing', due_at = :now, attempts = 0 "
            "WHERE tenant_id = :tenant AND code_id = :code AND userid <> '' "
            "AND phase IN ('planned', 'asked', 'live')",
            {"tenant": self._uow.tenant_id, "code": code_id, "now": self._uow.clock.now()},
        )
        return done.rowcount

    async def claim(
        self, *, now: datetime, until: datetime, limit: int, code_id: LiveCodeId | None = None
    ) -> tuple[Way, ...]:
        """Take due ways; until they are released nobody else works on them."""
        rows = await self._uow.execute(
            # Materialised, or the planner may run the choice again for each row and take several.
            "WITH due AS MATERIALIZED (SELECT id FROM live_code_way WHERE tenant_id = :tenant "
            "AND due_at <= :now AND (claimed_until IS NULL OR claimed_until <= :now) "
            "AND (CAST(:code AS bigint) IS NULL OR code_id = :code) "
            "ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED) "
            "UPDATE live_code_way w SET claimed_until = :until, attempts = w.attempts + 1 FROM due "
            "WHERE w.tenant_id = :tenant AND w.id = due.id RETURNING w.*",
            {
                "tenant": self._uow.tenant_id,
                "now": now,
                "until": until,
                "limit": limit,
                "code": code_id,
            },
        )
        return tuple(way_of(row) for row in rows)

    async def about_to_ask(self, way: Way) -> Way | None:
        """Write down that the platform is being asked; return what to ask, ``None`` if nothing any more."""
        rows = await self._uow.execute(
            "UPDATE live_code_way SET phase = 'asked', asked_at = :now "
            "WHERE tenant_id = :tenant AND id = :id AND phase IN ('planned', 'asked') RETURNING *",
            self._of(way),
        )
        row = rows.first()
        return None if row is None else way_of(row)

    async def made(self, way: Way, *, config_id: str, qr_code: str, said: Wanted, check_at: datetime) -> None:
        """Keep the platform's answer. If the way is to be removed by now, its id is kept for that."""
        await self._uow.execute(
            f"UPDATE live_code_way SET config_id = :config, qr_code = :qr, {_MADE} {_SAID}",  # noqa: S608
            {**self._of(way), "config": config_id, "qr": qr_code, **_said(said, check_at)},
        )

    async def pushed(self, way: Way, said: Wanted, *, check_at: datetime) -> None:
        """Keep what the platform was told; if more is wanted by now, that is due after a while."""
        await self._uow.execute(
            "UPDATE live_code_way SET pushed_at = :now, " + _SAID,  # noqa: S608
            {**self._of(way), **_said(said, check_at)},
        )

    async def checked(self, way: Way, found: Wanted, *, check_at: datetime) -> None:
        """Keep what the platform says of a way."""
        await self._uow.execute(
            "UPDATE live_code_way SET checked_at = :now, " + _SAID,  # noqa: S608
            {**self._of(way), **_said(found, check_at)},
        )

    async def removed(self, way: Way) -> None:
        await self._uow.execute(
            "UPDATE live_code_way SET phase = 'removed', removed_at = :now, due_at = NULL, "
            "claimed_until = NULL, attempts = 0, reason = '' WHERE tenant_id = :tenant AND id = :id",
            self._of(way),
        )

    async def not_done(
        self, way: Way, *, phase: Phase | None, reason: str, again_at: datetime, forget_actual: bool = False
    ) -> None:
        """Release a way that is to be tried again. ``forget_actual``: nobody knows what the platform says."""
        await self._uow.execute(
            "UPDATE live_code_way SET reason = :reason, due_at = :again, claimed_until = NULL, "
            "phase = CASE WHEN phase IN ('planned', 'asked') THEN coalesce(:phase, phase) ELSE phase END, "
            "actual_hash = CASE WHEN :forget THEN '' ELSE actual_hash END "
            "WHERE tenant_id = :tenant AND id = :id",
            {**self._of(way), "reason": reason, "again": again_at, "phase": phase, "forget": forget_actual},
        )

    async def used(self, way: Way) -> None:
        """Remember that somebody was shown a member's own way."""
        await self._uow.execute(
            "UPDATE live_code_way SET used_at = :now WHERE tenant_id = :tenant AND id = :id", self._of(way)
        )

    async def known_configs(self, corp_id: AccountId) -> dict[str, Phase]:
        """Return every config we ever made in a corp."""
        rows = await self._uow.execute(
            "SELECT config_id, phase FROM live_code_way WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND config_id IS NOT NULL",
            {"tenant": self._uow.tenant_id, "corp": corp_id},
        )
        return {row.config_id: Phase(row.phase) for row in rows}

    async def check_soon(self, corp_id: AccountId, config_ids: Sequence[str]) -> None:
        """Look at these live ways at once."""
        await self._uow.execute(
            "UPDATE live_code_way SET due_at = :now WHERE tenant_id = :tenant AND corp_id = :corp "
            "AND phase = 'live' AND config_id = ANY(:configs)",
            {
                "tenant": self._uow.tenant_id,
                "corp": corp_id,
                "configs": list(config_ids),
                "now": self._uow.clock.now(),
            },
        )

    def _of(self, way: Way) -> dict[str, Any]:
        return {"tenant": self._uow.tenant_id, "id": way.way_id, "now": self._uow.clock.now()}


# Who was deleted while the platform made it is removed as soon as its id is known.
_MADE: Final = "phase = CASE WHEN phase = 'removing' THEN phase ELSE 'live' END, pushed_at = :now,"
_SAID: Final = """actual_users = :users, actual_skip_verify = :skip, actual_hash = :hash,
    attempts = 0, reason = '', claimed_until = NULL,
    due_at = CASE WHEN phase = 'removing' THEN CAST(:now AS timestamptz) WHEN wanted_hash = :hash THEN :check
        ELSE CAST(:now AS timestamptz) + CAST(:spacing AS interval) END
    WHERE tenant_id = :tenant AND id = :id"""


def _said(said: Wanted, check_at: datetime) -> dict[str, Any]:
    return {**_wanted(said), "check": check_at, "spacing": SPACING}


def _wanted(wanted: Wanted) -> dict[str, Any]:
    return {
        "users": list(wanted.users),
        "skip": wanted.skip_verify,
        "hash": fingerprint(wanted.users, skip_verify=wanted.skip_verify),
    }


def way_of(row: Any) -> Way:
    """Return the row of a way."""
    return Way(
        way_id=WayId(row.id),
        corp_id=AccountId(row.corp_id),
        code_id=LiveCodeId(row.code_id),
        userid=row.userid,
        state=row.state,
        is_exclusive=row.is_exclusive,
        phase=Phase(row.phase),
        config_id=row.config_id,
        qr_code=row.qr_code,
        wanted_users=tuple(row.wanted_users),
        wanted_skip_verify=row.wanted_skip_verify,
        wanted_hash=row.wanted_hash,
        actual_users=tuple(row.actual_users),
        actual_skip_verify=row.actual_skip_verify,
        actual_hash=row.actual_hash,
        due_at=row.due_at,
        attempts=row.attempts,
        reason=row.reason,
        asked_at=row.asked_at,
        pushed_at=row.pushed_at,
        checked_at=row.checked_at,
        created_at=row.created_at,
    )
