"""Trying a definition: values of a sample of people, computed and shown, and nothing saved."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.events.asking.scanning import Evaluation
from quanyu.modules.insight.computed.contracts import ComputedSample, ComputedTrial
from quanyu.modules.insight.computed.definition import Rank
from quanyu.modules.insight.computed.distribution import spread
from quanyu.modules.insight.computed.errors import InvalidComputed
from quanyu.modules.insight.computed.evaluator import Evaluator
from quanyu.modules.insight.computed.plan import Plan
from quanyu.modules.insight.computed.ranks import places
from quanyu.modules.insight.computed.values import Json
from quanyu.modules.people.computed.keys import attribute_key
from quanyu.modules.people.computed.store import ComputedStore, Held
from quanyu.modules.people.service import People

SAMPLE: Final = 5_000
SHOWN: Final = 8


class Trials:
    """Computes definitions for samples."""

    def __init__(self, uows: UnitOfWorkFactory, warehouse: Warehouse, people: People) -> None:
        self._uows = uows
        self._warehouse = warehouse
        self._people = people

    async def of(self, tenant_id: TenantId, plan: Plan, key: str, at: Evaluation) -> ComputedTrial:
        """Return what one attribute of a plan gives, from what others are now.

        Raises:
            WarehouseUnavailable: history cannot be read now.
            InvalidComputed: the warehouse refused the definition.
        """
        started = time.perf_counter()
        planned = plan[key]
        evaluator = Evaluator(self._warehouse.for_tenant(tenant_id), plan, at)
        async with self._uows.app(tenant_id) as uow:
            store = ComputedStore(uow)
            people, total = await store.sample(SAMPLE)
            members = await store.members(people)
            held = await store.held(people, evaluator.keys_kept([key]))
            told = await store.told(people, evaluator.keys_told([key]))
            base = await store.numbers(planned.definition.of) if isinstance(planned.definition, Rank) else {}
        values: Mapping[int, Json]
        if isinstance(planned.definition, Rank):
            placed = places(base)
            values = {person: placed[person] for person in people if person in placed}
        else:
            found = await evaluator.values([key], people, members, held, told)
            if evaluator.failed:
                raise InvalidComputed(evaluator.failed[key], message_zh="数据仓库无法计算该定义")
            values = found[key]
        return ComputedTrial(
            type=planned.type,
            examined=len(people),
            total=total,
            with_value=len(values),
            differing=_differing(people, values, held, attribute_key(key)),
            distribution=spread(_counted(values), planned.type, at.zone),
            sample=await self._sample(tenant_id, values, held, attribute_key(key)),
            took_ms=round((time.perf_counter() - started) * 1000),
        )

    async def _sample(
        self, tenant_id: TenantId, values: Mapping[int, Json], held: Mapping[int, Held], attribute: str
    ) -> tuple[ComputedSample, ...]:
        """Show some, spread over the values, so that not all look alike."""
        ordered = sorted(values, key=lambda person: (str(type(values[person])), _rank(values[person])))
        step = max(1, len(ordered) // SHOWN)
        shown = ordered[::-step][:SHOWN]
        async with self._uows.app(tenant_id) as uow:
            rows = await self._people.rows(uow, [PersonId(person) for person in shown])
        by_id = dict(zip(shown, rows, strict=True)) if len(rows) == len(shown) else {}
        return tuple(
            ComputedSample(
                person=by_id[person], value=values[person], current=held[person].values.get(attribute)
            )
            for person in shown
            if person in by_id
        )


def _rank(value: Json) -> Any:
    return str(value) if isinstance(value, list) else value


def _differing(
    people: Sequence[int], values: Mapping[int, Json], held: Mapping[int, Held], attribute: str
) -> int:
    return sum(values.get(person) != held[person].values.get(attribute) for person in people)


def _counted(values: Mapping[int, Json]) -> list[tuple[Json, int]]:
    counts: dict[str, tuple[Json, int]] = {}
    for value in values.values():
        known = counts.get(repr(value), (value, 0))
        counts[repr(value)] = (value, known[1] + 1)
    return list(counts.values())
