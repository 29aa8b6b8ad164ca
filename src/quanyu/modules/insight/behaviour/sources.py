"""What the questions share: which events match, values of a breakdown, and pages of the people found.

No value of a caller is part of SQL text, except a property path inside back quotes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from quanyu.kernel.ids import decode_id
from quanyu.modules.events.asking.readings import (
    Parameters,
    Reading,
    comparison_sql,
    distinct_key,
    read_field,
    read_json,
)
from quanyu.modules.events.asking.scanning import CANONICAL
from quanyu.modules.insight.behaviour.language import SEGMENT_PREFIX, Analysis, ByPerson, EventChoice, Group
from quanyu.modules.insight.behaviour.language import Breakdown as Wanted

WHO: Final = CANONICAL
AT_MS: Final = "toUnixTimestamp64Milli(events.occurred_at)"
MISSING: Final = ""  # The key of "no value"; every other key begins with the letter of its type.
_LIVE: Final = (
    "tenant_id = {tenant:UInt32} AND deleted = 0 "
    "AND dictGetOrDefault('person_canonical', 'canonical', toUInt64(person), person) = person"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query and its parameters; the gate binds the tenant."""

    sql: str
    parameters: dict[str, Any]

    def people(self) -> "Asked":
        """Of a query for one bitmap: how many people, and the first after ``page_after``.

        A bitmap of up to 32 people is not sorted by itself.
        """
        return Asked(
            f"WITH ({self.sql}) AS members SELECT bitmapCardinality(members), "
            "arraySort(bitmapToArray("
            "bitmapSubsetLimit(members, {page_after:UInt32} + 1, {page_limit:UInt32})))",
            self.parameters,
        )

    def everybody(self) -> "Asked":
        """Of a query for one bitmap: how many people, and all of them unless they are more than ``most``."""
        return Asked(
            f"WITH ({self.sql}) AS members SELECT bitmapCardinality(members) AS total, "
            "if(total <= {most:UInt64}, arraySort(bitmapToArray(members)), CAST([], 'Array(UInt32)'))",
            self.parameters,
        )


def choice_sql(choice: EventChoice, parameters: Parameters) -> str:
    """Return an expression that is 1 for an event that matches and 0 for every other."""
    tests = [f"events.name IN {parameters.bind(list(choice.names), 'Array(String)')}"]
    tests += [comparison_sql(read_field(test.field), test, parameters) for test in choice.where]
    return f"({' AND '.join(tests)})"


def names_sql(choices: Sequence[EventChoice], parameters: Parameters) -> str:
    """Return the condition that lets the warehouse skip every other name."""
    names = sorted({name for choice in choices for name in choice.names})
    return (
        f"events.tenant_id = {{tenant:UInt32}} AND events.name IN {parameters.bind(names, 'Array(String)')}"
    )


def only_sql(query: Analysis, parameters: Parameters) -> str:
    """Return what every event of a question must meet besides, each condition after AND; else nothing.

    Of a segment its stored members count, as who they are known today.
    """
    tests = [comparison_sql(read_field(test.field), test, parameters) for test in query.where]
    if query.segment is not None:
        number = parameters.bind(decode_id(SEGMENT_PREFIX, query.segment), "UInt64")
        tests.append(
            f"{WHO} IN (SELECT toUInt32(dictGetOrDefault('person_canonical', 'canonical', "  # noqa: S608
            "toUInt64(person), person)) FROM segment_membership FINAL "
            f"WHERE tenant_id = {{tenant:UInt32}} AND segment_id = {number} AND member = 1)"
        )
    return "".join(f" AND {test}" for test in tests)


def value_key(reading: Reading) -> str:
    """Return one text per value, so that equal values, and only they, are the same text."""
    if reading.decimal is not None:
        return f"ifNull(concat('n', toString({reading.decimal})), '')"
    if reading.integer is None:
        return f"ifNull(concat('s', {reading.text}), '')"
    return f"ifNull({distinct_key(reading)}, '')"


def breakdown_key(wanted: Wanted) -> str:
    """Return the key of the value an event, or a row of profiles, has."""
    if isinstance(wanted, ByPerson):
        return value_key(read_json("attributes", wanted.key))
    return value_key(read_field(wanted.field))


def profiles_sql(wanted: ByPerson) -> str:
    """Return a query for (who, key) of every living profile that has the attribute."""
    return (
        f"SELECT person AS who, {breakdown_key(wanted)} AS key "  # noqa: S608
        f"FROM profiles FINAL WHERE {_LIVE} AND key != ''"
    )


def group_of(key: str) -> Group:
    """Return the part of a breakdown a key stands for."""
    if key == MISSING:
        return Group(kind="missing")
    kind, text = key[0], key[1:]
    if kind == "b":
        return Group(kind="value", value=text == "true")
    if kind == "n":
        return Group(kind="value", value=_number(text))
    return Group(kind="value", value=text)


def place_of(group: Group, keys: Sequence[str]) -> int | None:
    """Return a group's place among the keys, 0 for "other", ``None`` where there is no such group."""
    if group.kind == "other":
        return 0
    wanted = (group.kind, type(group.value), group.value)
    for place, key in enumerate(keys, start=1):
        found = group_of(key)
        if (found.kind, type(found.value), found.value) == wanted:
            return place
    return None


def key_at(place: int, keys: Sequence[str]) -> Group:
    """Return the group at a place among the keys; 0 is "other"."""
    return group_of(keys[place - 1]) if place else Group(kind="other")


def _number(text: str) -> int | float:
    number = float(text)
    return int(text) if text.lstrip("-").isdigit() else number
