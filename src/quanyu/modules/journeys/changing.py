"""Does what steps ask to change of people: tags, attributes, lists.

A change is a row of the move's own commit, and the row goes in the commit that does it: so it is done once,
whatever crashes. It is not done in the move itself, for people and their tags are locked by others in another
order, and because what cannot be done must not hold anybody up.
"""

from collections.abc import Sequence
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import PersonId, TenantId, encode_id
from quanyu.modules.journeys.definition import read_change
from quanyu.modules.journeys.failures import is_passing, kind_of
from quanyu.modules.journeys.ports import ChangeOf, Changes
from quanyu.modules.journeys.queries import changes
from quanyu.modules.journeys.queries.changes import ChangeRow

_log = get_logger("journeys.changing")

LOOKED_AT: Final = 2_000
AT_ONCE: Final = 500


class Changer:
    """Does changes of a brand one after the other, those alike together."""

    def __init__(self, uows: UnitOfWorkFactory, people: Changes) -> None:
        self._uows = uows
        self._people = people

    async def run_once(self, tenant_id: TenantId) -> int:
        """Do the next changes; return how many were done or given up."""
        tried: list[ChangeRow] = []
        try:
            async with self._uows.system(tenant_id) as uow:
                if not await changes.try_turn(uow):
                    return 0
                tried = alike(await changes.list_open(uow, LOOKED_AT))
                if tried:
                    await self._people.apply(uow, _change_of(tried))
                    await changes.take_away(uow, tried)
        except Exception as error:
            if is_passing(error) or not tried:
                raise
            await self._give_up(tenant_id, tried if isinstance(error, AppError) else tried[:1], error)
        return len(tried)

    async def _give_up(self, tenant_id: TenantId, rows: Sequence[ChangeRow], error: Exception) -> None:
        """Only who stands first is given up for a defect; the others are tried again without them."""
        async with self._uows.system(tenant_id) as uow:
            await changes.fail(uow, rows, kind_of(error))
        _log.error(
            "journeys.change_failed",
            journey=encode_id("jrn", rows[0].journey_id),
            node=rows[0].node,
            reason=kind_of(error),
            people=len(rows),
            exc_info=None if isinstance(error, AppError) else error,
        )


def alike(rows: Sequence[ChangeRow]) -> list[ChangeRow]:
    """Return the first changes that ask the same of different people; nobody's second before their first."""
    chosen: list[ChangeRow] = []
    seen: set[int] = set()
    for row in rows:
        same = not chosen or (row.journey_id, row.node, row.change, row.at) == (
            chosen[0].journey_id,
            chosen[0].node,
            chosen[0].change,
            chosen[0].at,
        )
        if row.person_id not in seen and same and len(chosen) < AT_ONCE:
            chosen.append(row)
        seen.add(row.person_id)
    return chosen


def _change_of(rows: Sequence[ChangeRow]) -> ChangeOf:
    first = rows[0]
    return ChangeOf(
        change=read_change(first.change),
        people={f"{encode_id('enr', row.enrolment_id)}:{row.seq}": PersonId(row.person_id) for row in rows},
        journey=encode_id("jrn", first.journey_id),
        node=first.node,
        at=first.at,
    )
