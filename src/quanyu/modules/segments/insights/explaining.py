"""Why one person meets a definition or not: every condition with what was found."""

from collections.abc import Sequence
from decimal import localcontext
from typing import Any, Final

from quanyu.kernel.ids import encode_id
from quanyu.modules.events.asking.facts import Facts
from quanyu.modules.events.asking.scanning import Evaluation
from quanyu.modules.people.tags.contracts import TAG_PREFIX
from quanyu.modules.segments.conditions.membership import Move
from quanyu.modules.segments.insights.contracts import Explained, Moment
from quanyu.modules.segments.insights.person import Known
from quanyu.modules.segments.oracle import DIGITS, bucket_of, holds, look_up
from quanyu.modules.segments.plain.companies import places_of
from quanyu.modules.segments.plain.consents import said_last
from quanyu.modules.segments.plain.facts import facts_of, measured
from quanyu.modules.segments.plain.relations import moves_of, related_to
from quanyu.modules.segments.plain.sequences import happened_in_sequence
from quanyu.modules.segments.tree import (
    Aggregate,
    All,
    Any_,
    Attribute,
    Bucket,
    Condition,
    Consented,
    DateTest,
    InSegment,
    Moved,
    Not,
    OfCompany,
    Relation,
    Tag,
)
from quanyu.modules.segments.tree import (
    Sequence as Steps,
)

MOMENTS: Final = 5
_TEXT_MAX: Final = 200


def explain(definition: Condition, known: Known, at: Evaluation, *, path: str = "") -> Explained:
    """Return the tree of conditions with what was found for each, groups with their parts."""
    with localcontext(prec=DIGITS):
        return _explain(definition, known, at, path)


def _explain(node: Condition, known: Known, at: Evaluation, path: str) -> Explained:
    match node:
        case All() | Any_():
            parts = [_explain(part, known, at, f"{path}of.{number}.") for number, part in enumerate(node.of)]
            met = (
                all(part.met for part in parts) if isinstance(node, All) else any(part.met for part in parts)
            )
            return _group(node.kind, path, parts, met=met)
        case Not():
            part = _explain(node.of, known, at, f"{path}of.")
            return _group(node.kind, path, [part], met=not part.met)
        case _:
            moments = _moments(node, known, at)
            return Explained(
                kind=node.kind,
                met=holds(node, known, at.as_of, at.zone),
                path=path.rstrip("."),
                found=_found(node, known, at),
                moments=tuple(moments[:MOMENTS]),
                moments_total=len(moments),
                parts=(),
            )


def _group(kind: str, path: str, parts: Sequence[Explained], *, met: bool) -> Explained:
    place = path.rstrip(".")
    return Explained(
        kind=kind, met=met, path=place, found=None, moments=(), moments_total=0, parts=tuple(parts)
    )


def _found(node: Condition, known: Known, at: Evaluation) -> str | None:
    match node:
        case Attribute() | DateTest():
            return _text(look_up(known.attributes, node.key))
        case Tag():
            carried = [number for number in node.numbers if number in known.tags]
            return ", ".join(encode_id(TAG_PREFIX, number) for number in carried) or None
        case Bucket():
            return str(bucket_of(node.salt, known.id))
        case Aggregate():
            value = measured(node, facts_of(node, known.events, at.as_of, at.zone))
            return None if value is None else format(value, "f")
        case Relation():
            return ", ".join(sorted(related_to(node, known.events, at.as_of, at.zone))) or None
        case OfCompany():
            names = {str(place.says.get("name", "")) for place in places_of(node, known.companies)}
            return _text(", ".join(sorted(names)) or None)
        case Consented():
            said = said_last(node, known.events, at.as_of)
            return str(said[0]) if said else None
        case Facts():
            return str(len(facts_of(node, known.events, at.as_of, at.zone)))
        case Moved():
            return str(len(moves_of(node, known.events, at.as_of, at.zone)))
        case _:
            return None


def _text(value: Any) -> str | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else repr(value).lower() if isinstance(value, bool) else str(value)
    return text[:_TEXT_MAX]


def _moments(node: Condition, known: Known, at: Evaluation) -> Sequence[Moment]:
    """Return the events that bear on a condition, newest first; a sequence's in their order."""
    match node:
        case Facts():
            facts = sorted(
                facts_of(node, known.events, at.as_of, at.zone), key=lambda one: one.at, reverse=True
            )
            return [Moment(name=one.event.name, at=one.at) for one in facts]
        case Steps():
            chain = happened_in_sequence(node, known.events, at.as_of, at.zone)
            return [Moment(name=one.name, at=one.occurred_at) for one in chain]
        case Relation():
            ties = related_to(node, known.events, at.as_of, at.zone)
            return [Moment(name=node.to, at=since) for since in sorted(ties.values(), reverse=True)]
        case InSegment():
            since = known.segments.get(node.number)
            return [] if since is None else [Moment(name=Move.ENTERED.fact, at=since)]
        case Moved():
            moves = sorted(
                moves_of(node, known.events, at.as_of, at.zone), key=lambda one: one.occurred_at, reverse=True
            )
            return [Moment(name=one.name, at=one.occurred_at) for one in moves]
        case Consented():
            said = said_last(node, known.events, at.as_of)
            return [Moment(name=f"people.consent_{said[0]}", at=said[1])] if said else []
        case _:
            return []
