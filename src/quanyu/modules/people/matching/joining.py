"""Edges of a model: by which identifiers two people are joined, what forbids it, and taking it back."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.people import editing
from quanyu.modules.people.contracts import LinkResult
from quanyu.modules.people.identifiers import Period, namespace_of
from quanyu.modules.people.matching.suggestion_queries import HeldIdentity
from quanyu.modules.people.rules import IDENTIFIERS_MAX, EdgeKey, edge_key
from quanyu.modules.people.separation import queries as separation_queries
from quanyu.modules.people.separation.contracts import FollowsPeople

NOBODY: Final = "nothing_to_join"


def obstacle(one: Sequence[HeldIdentity], other: Sequence[HeldIdentity]) -> str:
    """Say why the graph could not make these identifiers one person's; "" if nothing is known against it.

    The same limits as ``rules.components``: two members, or two followers of one account, are two people.
    """
    if _end(one) is None or _end(other) is None:
        return NOBODY
    if len(one) + len(other) > IDENTIFIERS_MAX:
        return "too_many_identifiers"
    ours, theirs = (Counter((held.namespace, held.scope) for held in side) for side in (one, other))
    for kind in ours.keys() & theirs.keys():
        rule = namespace_of(kind[0])
        if rule.period is Period.EVER and ours[kind] + theirs[kind] > rule.limit:
            return f"limit:{kind[0]}"
    return ""


def edge_between(one: Sequence[HeldIdentity], other: Sequence[HeldIdentity], *, model: str) -> EdgeKey:
    """Return the edge that joins two people, between the strongest identifier of each that is not shared."""
    a, b = _end(one), _end(other)
    assert a is not None
    assert b is not None
    return edge_key(a.token, b.token, model)


async def join(
    uow: UnitOfWork, following: FollowsPeople, keys: Sequence[EdgeKey], *, source: str, note: str
) -> tuple[LinkResult, list[EdgeKey]]:
    """Make edges and let everything follow; return those that unite. The others leave nothing behind."""
    result, reasons = await editing.join(uow, keys, source=source, note=note)
    refused = [key for key in keys if reasons[key]]
    if refused:
        await separation_queries.delete_edges(uow, refused)
    await following.follow(uow, result.merges, result.departures)
    return result, [key for key in keys if not reasons[key]]


async def part(uow: UnitOfWork, following: FollowsPeople, keys: Sequence[EdgeKey]) -> LinkResult:
    """Delete edges and let everything go back to whose it was."""
    result = await editing.part(uow, keys)
    await separation_queries.delete_edges(uow, keys)
    await following.follow(uow, result.merges, result.departures)
    return result


def _end(side: Sequence[HeldIdentity]) -> HeldIdentity | None:
    """The identifier that says most of who somebody is: a member number rather than a browser."""
    usable = [held for held in side if not held.is_flagged]
    return max(
        usable,
        key=lambda held: (
            namespace_of(held.namespace).personal,
            namespace_of(held.namespace).strength,
            held.token,
        ),
        default=None,
    )
