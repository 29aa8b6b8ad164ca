"""Whose values may have changed since the last computation: nobody else is looked at.

People with new facts; people with a fact that time alone brought into a window or out of it; people who were
merged or parted; for formulas, people of whom anything was told; everybody at local midnight where a value
counts days.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from quanyu.infra.warehouse import TenantWarehouse
from quanyu.modules.events.asking.scanning import Evaluation
from quanyu.modules.insight.computed.compiler import changed_query, facts_key
from quanyu.modules.insight.computed.definition import EventFigure, Rank
from quanyu.modules.insight.computed.plan import Plan, Planned
from quanyu.modules.insight.computed.queries import Progress


@dataclass(slots=True)
class Candidates:
    """By key: whom to compute. ``everybody`` are the keys to compute for all."""

    people: dict[str, set[int]] = field(default_factory=dict)
    everybody: set[str] = field(default_factory=set)

    def all_people(self) -> set[int]:
        """Return everybody named for any key."""
        return set().union(*self.people.values())

    def keys_for(self, people: Iterable[int]) -> set[str]:
        """Return the keys to compute for a chunk of people."""
        chunk = set(people)
        named = {key for key, whom in self.people.items() if not chunk.isdisjoint(whom)}
        return named | self.everybody


async def find_candidates(
    gate: TenantWarehouse,
    plan: Plan,
    keys: Iterable[str],
    *,
    full: set[str],
    before: Progress | None,
    stored: int,
    told_upto: int,
    touched: set[int],
    at: Evaluation,
) -> Candidates:
    """Return whom to compute of ``keys``; of those in ``full``, everybody. Ranks are left out.

    Raises:
        WarehouseUnavailable: nothing is known.
    """
    finder = _Finder(gate, before, stored, told_upto, at)
    found = Candidates()
    wanted = [planned for planned in plan.values() if planned.key in set(keys)]
    for planned in wanted:
        if isinstance(planned.definition, Rank):
            continue
        if (
            planned.key in full
            or before is None
            or finder.is_new_day(planned)
            or planned.inputs & found.everybody
        ):
            found.everybody.add(planned.key)
        else:
            inputs = (found.people.get(key, set()) for key in planned.inputs)
            found.people[planned.key] = touched.union(await finder.people(planned), *inputs)
    return found


class _Finder:
    """Asks the warehouse once for each kind of facts."""

    def __init__(
        self, gate: TenantWarehouse, before: Progress | None, stored: int, told_upto: int, at: Evaluation
    ) -> None:
        self._gate = gate
        self._before = before
        self._stored = stored
        self._told_upto = told_upto
        self._at = at
        self._known: dict[str, set[int]] = {}

    def is_new_day(self, planned: Planned) -> bool:
        """Tell whether local midnight has passed, for values that count days."""
        if not planned.daily or self._before is None:
            return False
        zone = self._at.zone
        return self._before.as_of.astimezone(zone).date() != self._at.as_of.astimezone(zone).date()

    async def people(self, planned: Planned) -> set[int]:
        assert self._before is not None
        if isinstance(planned.definition, EventFigure):
            key = facts_key(planned.definition)
            if key not in self._known:
                self._known[key] = await self._with_facts(planned.definition, self._before)
            return self._known[key]
        if "" not in self._known:
            self._known[""] = await self._told_of(self._before)
        return self._known[""]

    async def _with_facts(self, figure: EventFigure, before: Progress) -> set[int]:
        asked = changed_query(
            figure,
            after=before.batch_id,
            upto=self._stored,
            before=Evaluation(before.as_of, self._at.zone),
            now=self._at,
        )
        return {row[0] for row in await self._gate.query(asked.sql, asked.parameters)}

    async def _told_of(self, before: Progress) -> set[int]:
        """Everybody whose profile was copied since then, newcomers among them."""
        rows = await self._gate.query(
            "SELECT DISTINCT person FROM profiles WHERE tenant_id = {tenant:UInt32} "
            "AND version > {after:UInt64} AND version <= {upto:UInt64}",
            {"after": before.profile_version, "upto": self._told_upto},
        )
        return {row[0] for row in rows}
