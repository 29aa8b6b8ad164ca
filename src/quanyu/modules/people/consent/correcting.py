"""Correcting the ledger of consent: what was written by mistake is answered by a line that says so.

Lines are never changed or removed. A correction restores what counted before the mistaken lines, or says that
they hold no longer (``expired``): then the purpose's basis decides, as if nothing had been said.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.people import graph_queries
from quanyu.modules.people.consent.contracts import (
    EVERY,
    ConsentChannel,
    ConsentSource,
    ConsentState,
    Saying,
)
from quanyu.modules.people.consent.queries import ledger
from quanyu.modules.people.consent.queries.ledger import MEMBERS, Line, read_line
from quanyu.modules.people.consent.rules import concrete_channels, consent_fact

_STRICTNESS: Final = {ConsentState.WITHDRAWN: 2, ConsentState.EXPIRED: 1, ConsentState.GRANTED: 0}
_AFTER: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Corrected:
    """Whose consent was corrected, how many statements, and how many were overtaken by newer ones."""

    people: frozenset[int]
    statements: int
    newer: int


@dataclass(frozen=True, slots=True)
class Correction:
    """For one purpose and channel: the mistaken line that counts now, and what counted before it."""

    channel: str
    mistaken: Line
    before: Line | None


async def correct(
    uow: UnitOfWork, profiles: Sequence[int], mistaken: Collection[str], *, by: str, reason: str
) -> Corrected:
    """Answer the lines of the given operations for canonical people. Idempotent.

    ``reason`` names what is taken back: it stands in the operation id and in the evidence of each correction.
    """
    people: set[int] = set()
    statements = newer = 0
    for profile, lines in (await _lines(uow, profiles)).items():
        wrong = [one for one in lines if one.operation_id in mistaken]
        for purpose in sorted({one.purpose for one in wrong}):
            found, overtaken = corrections(lines, mistaken, purpose, reason=reason)
            newer += overtaken
            for one in found:
                if await _write(uow, profile, purpose, one, by=by, reason=reason):
                    statements += 1
                    people.add(profile)
    if people:
        await graph_queries.note_changes(await uow.raw(), uow.tenant_id, profiles=people, remapped=())
    return Corrected(frozenset(people), statements, newer)


def corrections(
    lines: Sequence[Line], mistaken: Collection[str], purpose: str, *, reason: str
) -> tuple[list[Correction], int]:
    """Return what has to be written of one purpose, and how many mistaken lines newer ones overtook. Pure."""
    wrong = [one for one in lines if one.operation_id in mistaken and one.purpose == purpose]
    channels = {one.channel for one in wrong}
    asked = [str(one) for one in concrete_channels() if EVERY in channels or str(one) in channels]
    found: list[Correction] = []
    settled: set[str] = set()
    for channel in asked:
        about = [one for one in lines if one.purpose in (purpose, EVERY) and one.channel in (channel, EVERY)]
        newest = max(about, key=_rank)
        if newest.operation_id not in mistaken:
            continue
        settled.add(newest.operation_id)
        rest = [one for one in about if one.operation_id not in mistaken]
        found.append(Correction(channel, newest, max(rest, key=_rank) if rest else None))
    overtaken = sum(
        one.operation_id not in settled and not any(_answers(line, one, reason) for line in lines)
        for one in wrong
    )
    return _together(found), overtaken


def _together(found: list[Correction]) -> list[Correction]:
    """One line for all channels where all come to the same."""
    whole = len(found) == len(concrete_channels()) and len({_said(one.before) for one in found}) == 1
    if whole and found[0].mistaken.channel == EVERY:
        return [Correction(EVERY, found[0].mistaken, found[0].before)]
    return found


def _said(line: Line | None) -> Any:
    return None if line is None else line.operation_id


def _rank(line: Line) -> tuple[Any, ...]:
    return line.occurred_at, _STRICTNESS[ConsentState(line.state)], line.recorded_at


def _answers(line: Line, mistaken: Line, reason: str) -> bool:
    return line.operation_id.startswith(f"{reason}:{mistaken.operation_id}:")


async def _write(
    uow: UnitOfWork, profile: int, purpose: str, one: Correction, *, by: str, reason: str
) -> bool:
    before = one.before
    saying = Saying(
        person_id=PersonId(profile),
        operation_id=f"{reason}:{one.mistaken.operation_id}:{one.channel}",
        purpose=purpose,
        channel=ConsentChannel(one.channel),
        state=ConsentState.EXPIRED if before is None else ConsentState(before.state),
        text_version=one.mistaken.text_version if before is None else before.text_version,
        source=ConsentSource.SYSTEM,
        actor=by,
        occurred_at=max(uow.clock.now(), one.mistaken.occurred_at + _AFTER),
        evidence={
            "takes_back": one.mistaken.operation_id,
            "reason": reason,
            **({} if before is None else {"restores": before.operation_id}),
        },
    )
    kept_under = await ledger.members(uow, profile)
    until = None if before is None else before.valid_until
    if not await ledger.append(uow, saying, kept_under, valid_until=until):
        return False
    uow.publish(consent_fact(saying))
    return True


async def _lines(uow: UnitOfWork, profiles: Sequence[int]) -> Mapping[int, list[Line]]:
    rows = await uow.execute(
        f"""
        WITH {MEMBERS}
        SELECT DISTINCT ON (m.profile, e.operation_id) m.profile, e.*
        FROM member m JOIN consent_entry e ON e.tenant_id = :tenant AND e.person_id = m.id
        ORDER BY m.profile, e.operation_id, e.person_id
        """,  # noqa: S608 - made of a constant.
        {"tenant": uow.tenant_id, "people": sorted(set(profiles))},
    )
    found: dict[int, list[Line]] = {}
    for row in rows:
        found.setdefault(row.profile, []).append(read_line(row))
    return found
