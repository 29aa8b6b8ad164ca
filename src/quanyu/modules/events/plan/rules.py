"""Whether an event is as planned, and plans drafted from events. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import SchemaValidator

from quanyu.modules.events.observed.contracts import PropertySeen, PropertyType
from quanyu.modules.events.observed.inference import EXAMPLE_LENGTH, EXAMPLES
from quanyu.modules.events.plan.contracts import (
    RULES_MAX,
    EventPlan,
    PlanMode,
    PlanType,
    Problem,
    PropertyRule,
    SavePlan,
    SourceRule,
    Violation,
    compile_pattern,
)

CHOICES_DRAFTED_FROM: Final = 50  # Fewer events do not tell a choice from chance.
_PATH_PARTS_MAX: Final = 20

_IS: Final[Mapping[PlanType, Callable[[Any], bool]]] = {
    PlanType.ANY: lambda value: True,
    PlanType.TEXT: lambda value: isinstance(value, str),
    PlanType.NUMBER: lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    PlanType.INTEGER: lambda value: (
        (isinstance(value, int) and not isinstance(value, bool))
        or (isinstance(value, float) and value.is_integer())
    ),
    PlanType.BOOLEAN: lambda value: isinstance(value, bool),
    PlanType.LIST: lambda value: isinstance(value, list),
    PlanType.OBJECT: lambda value: isinstance(value, dict),
}
_DRAFTED: Final[Mapping[PropertyType, PlanType]] = {
    PropertyType.TEXT: PlanType.TEXT,
    PropertyType.NUMBER: PlanType.NUMBER,
    PropertyType.BOOLEAN: PlanType.BOOLEAN,
    PropertyType.LIST: PlanType.LIST,
    PropertyType.MIXED: PlanType.ANY,
}


@dataclass(frozen=True, slots=True)
class _Rule:
    rule: PropertyRule
    choices: frozenset[str]
    pattern: SchemaValidator | None


@dataclass(frozen=True, slots=True)
class _Plan:
    mode: PlanMode
    rules: tuple[_Rule, ...]


class Book:
    """A brand's whole plan, ready to be asked about events."""

    def __init__(self, events: Sequence[EventPlan], sources: Sequence[SourceRule]) -> None:
        self._plans = {one.name: _compiled(one) for one in events}
        self._unknown = {one.source: one.unknown for one in sources if one.unknown is not PlanMode.OFF}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that an event could fail."""
        return not self._unknown and all(one.mode is PlanMode.OFF for one in self._plans.values())

    def speaks_of(self, *, source: str, kind: str, name: str) -> bool:
        """Whether an event of this name could fail at all."""
        plan = self._plans.get(name)
        if plan is not None:
            return plan.mode is not PlanMode.OFF
        return kind == "track" and source in self._unknown

    def judge(
        self, *, source: str, kind: str, name: str, properties: Mapping[str, Any]
    ) -> tuple[PlanMode, tuple[Violation, ...]]:
        """Return what becomes of an event and why; without violations it is taken, whatever the mode."""
        plan = self._plans.get(name)
        if plan is not None:
            found = () if plan.mode is PlanMode.OFF else tuple(_violations(plan.rules, properties))
            return plan.mode, found
        mode = self._unknown.get(source, PlanMode.OFF) if kind == "track" else PlanMode.OFF
        return mode, () if mode is PlanMode.OFF else (Violation(problem=Problem.UNKNOWN_EVENT),)


def check(plan: SavePlan, properties: Mapping[str, Any]) -> tuple[Violation, ...]:
    """Return what of ``properties`` is not as planned, whatever the mode."""
    return tuple(_violations(_compiled(plan).rules, properties))


def draft(seen: Sequence[PropertySeen], looked_at: int) -> SavePlan:
    """Draft a plan from observed properties: it accepts every event they were observed of.

    What every event has is required, a text of few values that many events have becomes a choice. The mode
    is *off*: a person looks at it first.
    """
    rules = [_drafted(one, looked_at) for one in seen if 0 < len(one.key) <= 200]
    return SavePlan(mode=PlanMode.OFF, properties=tuple(rules[:RULES_MAX]))


def _drafted(seen: PropertySeen, looked_at: int) -> PropertyRule:
    is_choice = (
        seen.type is PropertyType.TEXT
        and seen.present >= CHOICES_DRAFTED_FROM
        and 0 < seen.distinct == len(seen.examples) <= EXAMPLES
        and all(len(text) < EXAMPLE_LENGTH for text in seen.examples)
    )
    return PropertyRule(
        key=seen.key,
        required=seen.present >= looked_at > 0,
        type=_DRAFTED[seen.type],
        choices=seen.examples if is_choice else (),
    )


def _compiled(plan: SavePlan) -> _Plan:
    rules = [
        _Rule(rule, frozenset(rule.choices), compile_pattern(rule.pattern) if rule.pattern else None)
        for rule in plan.properties
    ]
    return _Plan(plan.mode, tuple(rules))


def _violations(rules: Sequence[_Rule], properties: Mapping[str, Any]) -> Iterator[Violation]:
    for one in rules:
        problem = _problem(one, value := value_at(properties, one.rule.key))
        if problem is not None:
            shown = "" if isinstance(value, dict | list) or value is None else as_text(value)
            yield Violation(problem=problem, key=one.rule.key, shown=shown[:EXAMPLE_LENGTH])


def _problem(one: _Rule, value: Any) -> Problem | None:
    rule = one.rule
    if value is None:
        return Problem.MISSING if rule.required else None
    if not _IS[rule.type](value):
        return Problem.WRONG_TYPE
    if rule.max_length is not None and isinstance(value, str | list) and len(value) > rule.max_length:
        return Problem.TOO_LONG
    entries = value if isinstance(value, list) else (value,)
    if one.choices and not all(as_text(entry) in one.choices for entry in entries):
        return Problem.NOT_A_CHOICE
    if one.pattern is not None and isinstance(value, str) and not one.pattern.isinstance_python(value):
        return Problem.PATTERN
    return None


def value_at(properties: Mapping[str, Any], key: str) -> Any:
    """Return the value at a dotted key, ``None`` if there is none; a key may hold dots itself."""
    value = properties.get(key)
    if value is not None:
        return value
    parts = key.split(".", _PATH_PARTS_MAX)
    for count in range(1, len(parts)):
        inner = properties.get(".".join(parts[:count]))
        if isinstance(inner, Mapping) and (value := value_at(inner, ".".join(parts[count:]))) is not None:
            return value
    return None


def as_text(value: Any) -> str:
    """Return a value as choices are written."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
