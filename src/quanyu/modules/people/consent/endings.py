"""Writing into the ledger which grants ended.

A grant ends when its time is over, and when a text is published that asks everybody again. The line that says
so never overturns what somebody said since: of a grant for every channel only those channels end of which
nothing else was said after it.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.people import profile_queries
from quanyu.modules.people.consent.contracts import Basis, ConsentChannel, ConsentSource, ConsentState, Saying
from quanyu.modules.people.consent.queries import endings, ledger
from quanyu.modules.people.consent.queries.endings import Ended
from quanyu.modules.people.consent.rules import Said, concrete_channels, rule
from quanyu.modules.people.consent.service import Consent

AT_ONCE: Final = 200

_Find = Callable[..., Awaitable[list[Ended]]]


async def end_grants(uow: UnitOfWork, consent: Consent) -> int:
    """Say of the next grants that ended that they did; return how many lines were added. Idempotent."""
    for find in (endings.run_out, endings.superseded):
        if added := await _end_some(uow, consent, find):
            return added
    return 0


async def _end_some(uow: UnitOfWork, consent: Consent, find: _Find) -> int:
    after = ("", 0)
    while found := await find(uow, after=after, limit=AT_ONCE):
        known_as = await profile_queries.find_canonical(uow, [one.person_id for one in found])
        said = await ledger.latest(uow, list(known_as.values()))
        added = 0
        for one in found:
            person = PersonId(known_as[one.person_id])
            for saying in _sayings(one, person, said.get(person, ())):
                added += await consent.say(uow, saying)
        if added:
            return added
        after = (found[-1].line.operation_id, found[-1].person_id)  # Nothing of these was left to end.
    return 0


def _sayings(one: Ended, person: PersonId, said: Sequence[Said]) -> list[Saying]:
    granted = ConsentChannel(one.line.channel)
    asked = concrete_channels() if granted is ConsentChannel.ALL else (granted,)
    ending = [channel for channel in asked if _still_counts(one, channel, said)]
    operation = f"{one.operation_id}#{encode_id('per', person)}"
    if len(ending) == len(asked):
        return [_saying(one, person, granted, operation)]
    return [_saying(one, person, channel, f"{operation}:{channel}") for channel in ending]


def _still_counts(one: Ended, channel: ConsentChannel, said: Sequence[Said]) -> bool:
    # The basis plays no part in what was said last.
    last = rule(said, one.purpose, Basis.CONSENT, channel, one.ends_at).said
    return last is not None and (last.state, last.occurred_at) == (ConsentState.GRANTED, one.line.occurred_at)


def _saying(one: Ended, person: PersonId, channel: ConsentChannel, operation_id: str) -> Saying:
    return Saying(
        person_id=person,
        operation_id=operation_id,
        purpose=one.purpose,
        channel=channel,
        state=ConsentState.EXPIRED,
        text_version=one.line.text_version,
        source=ConsentSource.SYSTEM,
        occurred_at=one.ends_at,
    )
