"""Which statement about an attribute counts: pure, and the same as SQL for many people at once.

What everybody a person is known as was told goes in; the order in which it came in does not. A source that
clears an attribute takes back what it said before; the others' words stand, except by ``newest``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

UNION_MAX: Final = 100  # Values one attribute may gather.


class Policy(StrEnum):
    """Which statement of several counts."""

    NEWEST = "newest"  # By the time of the event; the default.
    FIRST = "first"  # The one told first.
    PRIORITY = "priority"  # The newest of the first of the named sources that said anything.
    MAX = "max"  # The greatest number; where there is none, the last text by the alphabet.
    UNION = "union"  # All values, each once, as a list.


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One value one source told, of one person id. No value clears the attribute."""

    person_id: int
    source: str
    value: Any
    first_at: datetime
    occurred_at: datetime  # When it was last told.
    position: int

    @property
    def told_at(self) -> tuple[datetime, int, int]:
        """What orders statements: time, then the order accepted, then the lesser id last."""
        return (self.occurred_at, self.position, -self.person_id)


def winner(statements: Iterable[Statement], policy: Policy, sources: Sequence[str] = ()) -> Statement | None:
    """Return the statement that counts; by ``union`` the newest of those that all count."""
    said = sorted(statements, key=lambda one: one.told_at, reverse=True)
    if policy is Policy.NEWEST:
        return said[0] if said and said[0].value is not None else None
    standing = list(_standing(said))
    match policy:
        case Policy.FIRST:
            standing.sort(key=lambda one: one.first_at)
        case Policy.PRIORITY:
            standing.sort(key=lambda one: source_rank(one.source, sources))
        case Policy.MAX:
            standing.sort(key=lambda one: _size(one.value), reverse=True)
        case Policy.UNION:
            pass
    return standing[0] if standing else None


def gathered(statements: Iterable[Statement]) -> list[Any]:
    """Return every value that stands, lists taken apart, each once."""
    said = sorted(statements, key=lambda one: one.told_at)
    found: list[Any] = []
    for one in _standing(said):
        for value in one.value if isinstance(one.value, list) else [one.value]:
            if value not in found:
                found.append(value)
    return found


def source_rank(source: str, sources: Sequence[str]) -> int:
    """Return where a source stands in a list that names it, or its kind before the colon."""
    for name in (source, source.partition(":")[0]):
        if name in sources:
            return sources.index(name)
    return len(sources)


def _standing(said: Sequence[Statement]) -> Iterable[Statement]:
    cleared: dict[str, tuple[datetime, int]] = {}
    for one in said:
        if one.value is None:
            at = (one.occurred_at, one.position)
            cleared[one.source] = max(at, cleared.get(one.source, at))
    for one in said:
        end = cleared.get(one.source)
        if one.value is not None and (end is None or (one.occurred_at, one.position) >= end):
            yield one


def _size(value: Any) -> tuple[bool, float, str]:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number, float(value) if is_number else 0.0, "" if is_number else str(value)


_SAID: Final = """
    m.profile, a.key, a.class, a.value, a.sealed, a.source, coalesce(a.first_at, a.occurred_at) AS first_at,
    a.occurred_at, a.position, a.person_id, a.digest
"""
# What one source said again of the same person id may stand in both tables.
_STATEMENT: Final = "s.profile, s.key, s.person_id, s.source, s.digest"
# After a relation ``member(profile, id)``: gives ``winning``, at most one row per profile and key. Without
# policies of the brand's own it costs what reading the newest statements costs. ``only`` narrows attributes
# ``a``, with AND in front.
WINNING: Final = f"""
stated AS (
    SELECT {_SAID}
    FROM member m JOIN person_attribute a ON a.tenant_id = {{tenant}} AND a.person_id = m.id {{only}}
), ruled AS (
    SELECT DISTINCT ON ({_STATEMENT}) s.profile, s.key, s.class, s.value, s.sealed, s.source,
        min(s.first_at) OVER (PARTITION BY {_STATEMENT}) AS first_at, s.occurred_at, s.position, s.person_id,
        r.policy, r.sources
    FROM (
        SELECT * FROM stated
        UNION ALL
        SELECT {_SAID}
        FROM member m JOIN attribute_policy r ON r.tenant_id = {{tenant}} AND r.policy <> 'newest'
        JOIN person_attribute_past a
            ON a.tenant_id = {{tenant}} AND a.person_id = m.id AND a.key = r.key {{only}}
    ) s JOIN attribute_policy r ON r.tenant_id = {{tenant}} AND r.key = s.key AND r.policy <> 'newest'
    ORDER BY {_STATEMENT}, s.occurred_at DESC, s.position DESC
), standing AS (
    SELECT s.* FROM ruled s
    WHERE (s.value IS NOT NULL OR s.sealed IS NOT NULL) AND NOT EXISTS (
        SELECT FROM ruled c
        WHERE c.profile = s.profile AND c.key = s.key AND c.source = s.source AND c.value IS NULL
            AND c.sealed IS NULL AND (c.occurred_at, c.position) > (s.occurred_at, s.position)
    )
), winning AS (
    (
        SELECT DISTINCT ON (s.profile, s.key) s.profile, s.key, s.class, s.value, s.sealed, s.source,
            s.occurred_at
        FROM stated s
        WHERE NOT EXISTS (
            SELECT FROM attribute_policy r
            WHERE r.tenant_id = {{tenant}} AND r.key = s.key AND r.policy <> 'newest'
        )
        ORDER BY s.profile, s.key, s.occurred_at DESC, s.position DESC, s.person_id
    ) UNION ALL (
        SELECT DISTINCT ON (profile, key) profile, key, class, value, sealed, source, occurred_at
        FROM standing WHERE policy <> 'union'
        ORDER BY profile, key,
            CASE WHEN policy = 'first' THEN first_at END,
            CASE WHEN policy = 'priority' THEN coalesce(array_position(sources, source),
                array_position(sources, split_part(source, ':', 1)), {UNION_MAX}000) END,
            CASE WHEN policy = 'max' AND jsonb_typeof(value) = 'number' THEN value::numeric END
                DESC NULLS LAST,
            CASE WHEN policy = 'max' THEN (value #>> '{{{{}}}}') COLLATE "C" END DESC NULLS LAST,
            occurred_at DESC, position DESC, person_id
    ) UNION ALL (
        SELECT profile, key, min(class),
            jsonb_path_query_array(jsonb_agg(DISTINCT item), '$[0 to {UNION_MAX - 1}]'),
            NULL, string_agg(DISTINCT source, ', '), max(occurred_at)
        FROM standing CROSS JOIN LATERAL jsonb_array_elements(
            CASE WHEN jsonb_typeof(value) = 'array' THEN value ELSE jsonb_build_array(value) END) AS u (item)
        WHERE policy = 'union' AND value IS NOT NULL
        GROUP BY profile, key
    )
)
"""  # noqa: S608 - put together from our own constants.
