"""The published attributes of a brand in the order they are computed, with what each reads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from quanyu.modules.insight.computed.definition import OF_DAYS, Definition, EventFigure, Formula, Rank
from quanyu.modules.insight.computed.errors import InvalidComputed
from quanyu.modules.insight.computed.formula.checking import Checked, check
from quanyu.modules.insight.computed.formula.grammar import children, parse
from quanyu.modules.insight.computed.formula.nodes import Name, Node
from quanyu.modules.insight.computed.values import ValueType

_LISTED: Final = 5


@dataclass(frozen=True, slots=True)
class Planned:
    """One attribute, ready to compute."""

    key: str
    definition: Definition
    type: ValueType
    inputs: frozenset[str] = frozenset()  # Computed attributes, by key.
    told: frozenset[str] = frozenset()  # Attributes told of people.
    daily: bool = False  # Changes for everybody at local midnight.
    formula: Checked | None = None


Plan = Mapping[str, Planned]  # In the order of computing.


def plan_all(definitions: Mapping[str, Definition]) -> Plan:
    """Order definitions so that each comes after what it reads, and settle every type.

    Raises:
        InvalidComputed: they read each other in a circle, or a rank is of something that has no number.
        InvalidFormula: a formula's types do not fit.
    """
    planned: dict[str, Planned] = {}
    known: dict[str, ValueType | None] = {
        key: None for key, one in definitions.items() if isinstance(one, Rank)
    }
    for key, one in definitions.items():
        if isinstance(one, EventFigure):
            planned[key] = Planned(key, one, one.value_type, daily=one.figure in OF_DAYS)
            known[key] = one.value_type
    formulas = {key: parse(one.text) for key, one in definitions.items() if isinstance(one, Formula)}
    for key in _ordered({key: _names(node) & formulas.keys() for key, node in formulas.items()}):
        planned[key] = _formula(key, definitions[key], check(formulas[key], known))
        known[key] = planned[key].type
    for key, one in definitions.items():
        if isinstance(one, Rank):
            planned[key] = _rank(key, one, planned)
    return planned


def dependents(plan: Plan, key: str) -> tuple[str, ...]:
    """Return who reads an attribute directly."""
    return tuple(one.key for one in plan.values() if key in one.inputs)


def _formula(key: str, definition: Definition, checked: Checked) -> Planned:
    reads = checked.reads
    return Planned(
        key,
        definition,
        checked.type,
        inputs=frozenset(reads.computed),
        told=frozenset(reads.told),
        daily=reads.today,
        formula=checked,
    )


def _rank(key: str, definition: Rank, planned: Plan) -> Planned:
    base = planned.get(definition.of)
    if base is None or isinstance(base.definition, Rank) or base.type is not ValueType.NUMBER:
        raise InvalidComputed(
            f"{definition.of} is no published computed attribute that holds a number",
            message_zh=f"{definition.of} 不是已发布的数字型计算属性",
            path="of",
        )
    return Planned(key, definition, ValueType.NUMBER, inputs=frozenset({definition.of}))


def _names(node: Node) -> set[str]:
    """Return every key a formula names; told ones among them do no harm."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Name):
            found.add(one.key.removeprefix("computed."))
        else:
            waiting.extend(children(one))
    return found


def _ordered(reads: Mapping[str, Iterable[str]]) -> list[str]:
    """Order keys after what they read.

    Raises:
        InvalidComputed: there is a circle; says which.
    """
    done: list[str] = []
    state: dict[str, bool] = {}  # False while its inputs are being placed.

    def place(key: str, path: tuple[str, ...]) -> None:
        if state.get(key) is False:
            circle = [*path[path.index(key) :], key][: _LISTED + 1]
            raise InvalidComputed(
                f"these read each other in a circle: {' → '.join(circle)}",
                message_zh=f"计算属性循环引用：{' → '.join(circle)}",
                path="text",
            )
        if key in state:
            return
        state[key] = False
        for read in sorted(reads[key]):
            place(read, (*path, key))
        state[key] = True
        done.append(key)

    for key in reads:
        place(key, ())
    return done
