"""What somebody may choose on their page, and writing down what they chose."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.people.consent.contracts import (
    EVERY,
    Basis,
    ConsentChannel,
    ConsentSource,
    ConsentState,
    PurposeView,
    Saying,
)
from quanyu.modules.people.consent.rules import concrete_channels
from quanyu.modules.people.consent.service import Consent

_CHOSEN: Final = (Basis.CONSENT, Basis.UNTIL_WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Choice:
    """One switch: a purpose on a channel, and whether it is on."""

    purpose: str
    channel: ConsentChannel
    is_on: bool

    @property
    def name(self) -> str:
        """What the form calls it."""
        return f"{self.purpose}/{self.channel}"


@dataclass(frozen=True, slots=True)
class Preferences:
    """The purposes people may switch, with their switches, and those that need no consent."""

    switchable: tuple[tuple[PurposeView, tuple[Choice, ...]], ...]
    others: tuple[PurposeView, ...]


async def show(uow: UnitOfWork, consent: Consent, person_id: PersonId) -> Preferences:
    """Return what somebody may choose, as it stands."""
    purposes = (await consent.purposes(uow)).items
    standings = (await consent.of_person(uow, person_id)).standings
    is_on = {(one.purpose, one.channel): one.is_allowed for one in standings}
    return Preferences(
        switchable=tuple(
            (one, tuple(Choice(one.key, way, is_on[one.key, way]) for way in concrete_channels()))
            for one in purposes
            if one.basis in _CHOSEN
        ),
        others=tuple(one for one in purposes if one.basis not in _CHOSEN),
    )


async def choose(
    uow: UnitOfWork,
    consent: Consent,
    person_id: PersonId,
    wanted: frozenset[str],
    *,
    form: str,
    read: Mapping[str, int],
) -> int:
    """Write what changed: switches in ``wanted`` are to be on, all others off; return how many changed.

    ``form`` names the page that was shown: sending the same one again adds nothing. ``read`` are the versions
    of the texts that were on it.

    Raises:
        ConsentTextNotFound: there was no such version.
    """
    changed = 0
    for purpose, choices in (await show(uow, consent, person_id)).switchable:
        turned = [one for one in choices if (one.name in wanted) != one.is_on]
        for channel, on in _together(turned, len(choices)).items():
            state = ConsentState.GRANTED if on else ConsentState.WITHDRAWN
            saying = Saying(
                person_id=person_id,
                operation_id=f"page:{person_id}:{form}:{purpose.key}:{channel}:{state}",
                purpose=purpose.key,
                channel=channel,
                state=state,
                text_version=read.get(purpose.key),
                source=ConsentSource.PAGE,
                occurred_at=uow.clock.now(),
                evidence={"form": form},
            )
            changed += await consent.say(uow, saying)
    return changed


def _together(turned: list[Choice], of: int) -> Mapping[ConsentChannel, bool]:
    """Return which channels were turned on or off; all of them the same way are one statement."""
    if len(turned) == of and len({one.is_on for one in turned}) == 1:
        return {ConsentChannel(EVERY): not turned[0].is_on}
    return {one.channel: not one.is_on for one in turned}
