"""Values of some people as of one instant: figures from the warehouse, formulas from values at hand."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from quanyu.infra.telemetry import get_logger
from quanyu.infra.warehouse import TenantWarehouse
from quanyu.kernel.errors import AppError, Unavailable
from quanyu.modules.events.asking.scanning import Evaluation
from quanyu.modules.insight.computed.compiler import facts_key, figures_query, read_value
from quanyu.modules.insight.computed.definition import EventFigure
from quanyu.modules.insight.computed.formula.evaluating import Inputs, evaluate
from quanyu.modules.insight.computed.plan import Plan, Planned
from quanyu.modules.insight.computed.values import Json, Value, ValueType, from_json, to_json
from quanyu.modules.people.computed.keys import attribute_key
from quanyu.modules.people.computed.store import Held

_log = get_logger("insight.computed")
Values = dict[str, dict[int, Value]]  # By key, then by person; who has none is left out.


class Evaluator:
    """Computes attributes of a plan; what fails is named in ``failed`` and left out from then on."""

    def __init__(self, gate: TenantWarehouse, plan: Plan, at: Evaluation) -> None:
        self._gate = gate
        self._plan = plan
        self._at = at
        self.failed: dict[str, str] = {}

    def keys_kept(self, keys: Collection[str]) -> list[str]:
        """Return the attribute keys of kept values that are needed to compute ``keys`` and compare them."""
        inputs = {one for key in keys for one in self._plan[key].inputs}
        return sorted(attribute_key(key) for key in {*keys, *inputs})

    def keys_told(self, keys: Collection[str]) -> list[str]:
        """Return the keys of attributes told of people that ``keys`` read."""
        return sorted({one for key in keys for one in self._plan[key].told})

    async def values(
        self,
        keys: Collection[str],
        people: Sequence[int],
        members: Sequence[int],
        held: Mapping[int, Held],
        told: Mapping[int, Mapping[str, Any]],
    ) -> dict[str, dict[int, Json]]:
        """Return the values of figures and formulas of canonical people; ranks are not computed here.

        Raises:
            WarehouseUnavailable: nothing was computed.
        """
        found = await self._figures([self._plan[key] for key in keys], people, members)
        for planned in self._plan.values():
            if planned.key in keys and planned.formula is not None:
                self._formula(planned, people, held, told, found)
        return {
            key: {person: to_json(value) for person, value in values.items() if value is not None}
            for key, values in found.items()
        }

    async def _figures(
        self, planned: Sequence[Planned], people: Sequence[int], members: Sequence[int]
    ) -> Values:
        groups: dict[str, list[tuple[str, EventFigure]]] = {}
        for one in planned:
            if isinstance(one.definition, EventFigure) and one.key not in self.failed:
                groups.setdefault(facts_key(one.definition), []).append((one.key, one.definition))
        found: Values = {}
        wanted = set(people)
        for group in groups.values():
            asked = figures_query([figure for _, figure in group], self._at, members)
            try:
                rows = await self._gate.query(asked.sql, asked.parameters)
            except Unavailable:
                raise
            except AppError as error:
                self._note([key for key, _ in group], error)
                continue
            for place, (key, figure) in enumerate(group, start=1):
                found[key] = {
                    row[0]: _kept(read_value(figure, row[place], self._at))
                    for row in rows
                    if row[0] in wanted
                }
        return found

    def _formula(
        self,
        planned: Planned,
        people: Sequence[int],
        held: Mapping[int, Held],
        told: Mapping[int, Mapping[str, Any]],
        found: Values,
    ) -> None:
        broken = planned.inputs & self.failed.keys()
        if broken:
            self.failed[planned.key] = f"not computed: {sorted(broken)[0]} failed"
            return
        assert planned.formula is not None
        values: dict[int, Value] = {}
        for person in people:
            kept = held[person].values
            computed = {
                key: found[key].get(person)
                if key in found
                else from_json(kept.get(attribute_key(key)), self._plan[key].type)
                for key in planned.inputs
            }
            said = told.get(person, {})
            inputs = Inputs(
                computed=computed,
                told={key: said.get(key) for key in planned.told},
                as_of=self._at.as_of,
                zone=self._at.zone,
            )
            values[person] = _kept(evaluate(planned.formula.node, inputs))
        found[planned.key] = values

    def _note(self, keys: Sequence[str], error: AppError) -> None:
        _log.warning("insight.computed_failed", code=error.code, attributes=len(keys))
        for key in keys:
            self.failed[key] = f"{error.code}: {error.message}"


def _kept(value: Value) -> Value:
    """Return a value as it reads once kept, so that a formula never sees more than is shown."""
    return from_json(to_json(value), ValueType.NUMBER) if isinstance(value, Decimal) else value
