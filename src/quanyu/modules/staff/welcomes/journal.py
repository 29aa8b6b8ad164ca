"""What became of welcomes: per customer, in figures, and whether somebody else answers too (WM-2, WM-6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.kernel.paging import clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.corps import show_corp_id
from quanyu.modules.staff.welcomes.compose import FALLBACK_WORDS
from quanyu.modules.staff.welcomes.contracts import RULE_PREFIX, Scope, SlotKind, WelcomeRuleId
from quanyu.modules.staff.welcomes.ports import CustomerBook, Greeter, KnownCustomer, StaffBook
from quanyu.modules.staff.welcomes.states import RIVAL_REASONS, WelcomeState, reason_text
from quanyu.modules.staff.welcomes.views import (
    WELCOME_PREFIX,
    RivalWarning,
    WelcomeFigures,
    WelcomePage,
    WelcomeRow,
)

WARN_FOR: Final = timedelta(days=7)
_STAFF_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which welcomes; what is left out does not matter."""

    corp_id: AccountId | None = None
    state: WelcomeState | None = None
    staff: str = ""
    rule_id: WelcomeRuleId | None = None
    person_id: PersonId | None = None


class Journal:
    """Reads the ledger."""

    def __init__(self, staff: StaffBook, customers: CustomerBook) -> None:
        self._staff = staff
        self._customers = customers

    async def page(
        self, uow: UnitOfWork, wanted: Filter, *, cursor: str | None, limit: int | None
    ) -> WelcomePage:
        """List welcomes, the newest first.

        Raises:
            InvalidCursor: another list made the cursor.
        """
        size = clamp_limit(limit)
        before = decode_cursor(cursor, int)[0] if cursor else None
        tokens = (
            None
            if wanted.person_id is None
            else await self._customers.tokens_of(uow, wanted.corp_id, wanted.person_id)
        )
        rows = await uow.execute(
            _PAGE,
            {
                "tenant": uow.tenant_id,
                "corp": wanted.corp_id,
                "state": wanted.state,
                "staff": wanted.staff or None,
                "rule": wanted.rule_id,
                "tokens": None if tokens is None else list(tokens),
                "before": before,
                "limit": size + 1,
            },
        )
        found = list(rows)
        shown = found[:size]
        return WelcomePage(
            items=await self.show(uow, shown),
            next_cursor=encode_cursor(shown[-1].id) if len(found) > size else None,
        )

    async def find(self, uow: UnitOfWork, welcome_id: int) -> WelcomeRow | None:
        """Return one welcome."""
        rows = await uow.execute(f"{_SELECT} AND id = :id", {"tenant": uow.tenant_id, "id": welcome_id})
        found = await self.show(uow, list(rows))
        return found[0] if found else None

    async def show(self, uow: UnitOfWork, rows: Sequence[Any]) -> tuple[WelcomeRow, ...]:
        """Return rows with the names of who they are about."""
        greeters: dict[tuple[int, str], Greeter] = {}
        customers: dict[tuple[int, bytes], KnownCustomer] = {}
        for corp in sorted({row.corp_id for row in rows}):
            own = [row for row in rows if row.corp_id == corp]
            corp_id, userids = AccountId(corp), sorted({row.userid for row in own})
            tokens = sorted({bytes(row.customer_token) for row in own})
            staff = await self._staff.greeters(uow, corp_id, userids)
            greeters |= {(corp, userid): one for userid, one in staff.items()}
            known = await self._customers.known(uow, corp_id, tokens)
            customers |= {(corp, token): one for token, one in known.items()}
        return tuple(
            _row(
                row,
                greeters.get((row.corp_id, row.userid), Greeter()),
                customers.get((row.corp_id, bytes(row.customer_token)), KnownCustomer()),
            )
            for row in rows
        )

    async def figures(self, uow: UnitOfWork, corp_id: AccountId | None, *, days: int) -> WelcomeFigures:
        """Count the welcomes of the last ``days``, and warn of rivals."""
        params = {
            "tenant": uow.tenant_id,
            "corp": corp_id,
            "since": uow.clock.now() - timedelta(days=days),
        }
        states = {WelcomeState(row.state): row.n for row in await uow.execute(_STATES, params)}
        speed = (await uow.execute(_SPEED, params)).one()
        return WelcomeFigures(
            days=days,
            states=states,
            fallbacks=speed.fallbacks,
            p50_ms=None if speed.p50 is None else round(speed.p50),
            p99_ms=None if speed.p99 is None else round(speed.p99),
            warnings=await self.warnings(uow, corp_id),
        )

    async def warnings(self, uow: UnitOfWork, corp_id: AccountId | None = None) -> tuple[RivalWarning, ...]:
        """Return the corps whose adds another system answers too, by the refusals of seven days (WM-6)."""
        rows = await uow.execute(
            _RIVALS,
            {
                "tenant": uow.tenant_id,
                "corp": corp_id,
                "since": uow.clock.now() - WARN_FOR,
                "reasons": sorted(RIVAL_REASONS),
            },
        )
        return tuple(_warning(row) for row in rows)

    async def greeted(self, uow: UnitOfWork, *, since: datetime) -> Mapping[WelcomeRuleId, int]:
        """Return how many welcomes each rule sent since."""
        rows = await uow.execute(
            "SELECT rule_id, count(*) AS n FROM welcome WHERE tenant_id = :tenant AND state = 'sent' "
            "AND received_at >= :since AND rule_id IS NOT NULL GROUP BY rule_id",
            {"tenant": uow.tenant_id, "since": since},
        )
        return {WelcomeRuleId(row.rule_id): row.n for row in rows}


def _row(row: Any, greeter: Greeter, customer: KnownCustomer) -> WelcomeRow:
    reason_zh, reason_en = reason_text(row.reason)
    fallback_zh, fallback_en = FALLBACK_WORDS.get(row.fallback, (row.fallback, row.fallback))
    took = None if row.settled_at is None else row.settled_at - row.received_at
    return WelcomeRow(
        id=encode_id(WELCOME_PREFIX, row.id),
        corp=show_corp_id(AccountId(row.corp_id)),
        staff=row.userid,
        staff_name=greeter.name or row.userid,
        customer=bytes(row.customer_token).hex(),
        customer_name=customer.name,
        person_id=None if customer.person_id is None else encode_id("per", customer.person_id),
        state=WelcomeState(row.state),
        reason=row.reason,
        reason_zh=reason_zh,
        reason_en=reason_en,
        rule=None if row.rule_id is None else encode_id(RULE_PREFIX, row.rule_id),
        rule_name=row.rule_name,
        scope=Scope(row.scope) if row.scope else None,
        slot=row.slot,
        slot_kind=SlotKind(row.slot_kind) if row.slot_kind else None,
        variant=row.variant,
        fallback=row.fallback,
        fallback_zh=fallback_zh,
        fallback_en=fallback_en,
        happened_at=row.happened_at,
        received_at=row.received_at,
        settled_at=row.settled_at,
        took_ms=None if took is None else round(took.total_seconds() * 1000),
    )


def _warning(row: Any) -> RivalWarning:
    return RivalWarning(
        corp=show_corp_id(AccountId(row.corp_id)),
        refusals=row.refusals,
        welcomes=row.welcomes,
        first_at=row.first_at,
        last_at=row.last_at,
        staff=tuple(row.staff)[:_STAFF_SHOWN],
        text_zh=f"近 7 天有 {row.refusals} 次欢迎语被平台答复“已发送”："
        "可能有其他系统或应用也在发送欢迎语，请只保留一个。",
        text_en=f"In the last 7 days the platform refused {row.refusals} welcomes as sent already: another "
        "system or app seems to greet the same customers. Leave only one of them on.",
    )


_SELECT: Final = """
SELECT id, corp_id, userid, customer_token, state, reason, rule_id, rule_name, scope, slot, slot_kind,
    variant, fallback, happened_at, received_at, settled_at
FROM welcome WHERE tenant_id = :tenant
"""
_CORP: Final = "(CAST(:corp AS bigint) IS NULL OR corp_id = :corp)"
_PAGE: Final = f"""
{_SELECT} AND {_CORP}
    AND (CAST(:state AS text) IS NULL OR state = :state)
    AND (CAST(:staff AS text) IS NULL OR userid = :staff)
    AND (CAST(:rule AS bigint) IS NULL OR rule_id = :rule)
    AND (CAST(:tokens AS bytea[]) IS NULL OR customer_token = ANY(CAST(:tokens AS bytea[])))
    AND (CAST(:before AS bigint) IS NULL OR id < :before)
ORDER BY id DESC LIMIT :limit
"""
_STATES: Final = f"""
SELECT state, count(*) AS n FROM welcome
WHERE tenant_id = :tenant AND {_CORP} AND received_at >= :since GROUP BY state
"""  # noqa: S608
_TOOK: Final = "extract(epoch FROM settled_at - received_at) * 1000"
_SPEED: Final = f"""
SELECT count(*) FILTER (WHERE fallback <> '') AS fallbacks,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY {_TOOK}) AS p50,
    percentile_cont(0.99) WITHIN GROUP (ORDER BY {_TOOK}) AS p99
FROM welcome WHERE tenant_id = :tenant AND {_CORP} AND received_at >= :since AND state = 'sent'
"""  # noqa: S608
_RIVALS: Final = f"""
SELECT w.corp_id, sum(w.n) AS welcomes, sum(w.refused) AS refusals, min(w.first_at) AS first_at,
    max(w.last_at) AS last_at,
    array_agg(w.userid ORDER BY w.refused DESC, w.userid) FILTER (WHERE w.refused > 0) AS staff
FROM (
    SELECT corp_id, userid, count(*) AS n, count(*) FILTER (WHERE reason = ANY(:reasons)) AS refused,
        min(received_at) FILTER (WHERE reason = ANY(:reasons)) AS first_at,
        max(received_at) FILTER (WHERE reason = ANY(:reasons)) AS last_at
    FROM welcome WHERE tenant_id = :tenant AND {_CORP} AND received_at >= :since
    GROUP BY corp_id, userid
) w
GROUP BY w.corp_id HAVING sum(w.refused) > 0 ORDER BY w.corp_id
"""  # noqa: S608
