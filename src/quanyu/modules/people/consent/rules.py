"""Pure decisions: what a ledger comes to, and whether it lets a purpose be pursued."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from quanyu.infra.unit_of_work import Fact
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.people.consent.contracts import (
    EVERY,
    Basis,
    ConsentChannel,
    ConsentSource,
    ConsentState,
    SavePurpose,
    Saying,
)

MARKETING: Final = "marketing"
SERVICE: Final = "service"
# Every brand has these; it may rename them and give them another basis.
BUILT_IN: Final[Mapping[str, SavePurpose]] = {
    MARKETING: SavePurpose(
        name_zh="营销信息",
        name_en="Marketing messages",
        basis=Basis.UNTIL_WITHDRAWN,
        categories=("Advertising",),
    ),
    SERVICE: SavePurpose(name_zh="服务通知", name_en="Service messages", basis=Basis.CONTRACT),
}
# Of things said at the same instant, the one that lets less happen counts.
_STRICTNESS: Final = {ConsentState.WITHDRAWN: 2, ConsentState.EXPIRED: 1, ConsentState.GRANTED: 0}
# What people answer to be left alone, whole and in any case.
STOP_WORDS: Final = frozenset({"退订", "取消订阅", "拒收", "不再接收", "td", "stop", "unsubscribe"})
# What marketing texts ask people to answer, as 拒收请回复R does.
SMS_STOP_WORDS: Final = STOP_WORDS | {"r", "t"}
_FACTS: Final = {
    ConsentState.GRANTED: "people.consent_granted",
    ConsentState.WITHDRAWN: "people.consent_withdrawn",
    ConsentState.EXPIRED: "people.consent_expired",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A line of the ledger, as deciding needs it."""

    purpose: str
    channel: str
    state: ConsentState
    occurred_at: datetime
    valid_until: datetime | None = None
    text_version: int | None = None
    source: ConsentSource = ConsentSource.STAFF


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was said last, if anything, and whether the purpose may be pursued."""

    said: Said | None
    state: ConsentState | None
    is_allowed: bool


def rule(ledger: Iterable[Said], purpose: str, basis: Basis, channel: str, now: datetime) -> Ruling:
    """Decide about one purpose and channel.

    The newest line about the purpose (or all) and the channel (or all) counts; of several at one instant a
    withdrawal before an expiry before a grant. A grant whose time is over counts as expired.
    """
    about = [one for one in ledger if one.purpose in (purpose, EVERY) and one.channel in (channel, EVERY)]
    if not about:
        return Ruling(None, None, allows(basis, None))
    newest = max(about, key=lambda one: (one.occurred_at, _STRICTNESS[one.state]))
    state = newest.state
    if state is ConsentState.GRANTED and newest.valid_until is not None and newest.valid_until <= now:
        state = ConsentState.EXPIRED
    return Ruling(newest, state, allows(basis, state))


def allows(basis: Basis, state: ConsentState | None) -> bool:
    """Tell whether a purpose may be pursued, given what was said of it last."""
    match basis:
        case Basis.LEGAL_DUTY:
            return True
        case Basis.CONTRACT | Basis.UNTIL_WITHDRAWN:
            return state is not ConsentState.WITHDRAWN
        case Basis.CONSENT:
            return state is ConsentState.GRANTED


def is_stop_word(text: str, channel: ConsentChannel = ConsentChannel.ALL) -> bool:
    """Tell whether a message says nothing but that its sender wants to be left alone."""
    words = SMS_STOP_WORDS if channel is ConsentChannel.SMS else STOP_WORDS
    return text.strip(" \t\r\n.。!！").casefold() in words


def purposes_of_categories(
    preferences: Mapping[str, Any], purposes: Mapping[str, Sequence[str]]
) -> dict[str, bool]:
    """Return what a consent banner says of our purposes, given the names it may have for each.

    A purpose with several categories is granted only when each of those mentioned is.
    """
    spoken = {name.casefold(): value for name, value in preferences.items() if isinstance(value, bool)}
    found: dict[str, bool] = {}
    for key, names in purposes.items():
        answers = [spoken[name.casefold()] for name in (key, *names) if name.casefold() in spoken]
        if answers:
            found[key] = all(answers)
    return found


def settled_text(purpose: str, version: int | None) -> str:
    """Write a purpose and the version of its text, as refusals show them."""
    return purpose if version is None else f"{purpose}@{version}"


class Stated(Protocol):
    """What a fact says of a statement: of one just made, or of a line of the ledger."""

    @property
    def operation_id(self) -> str: ...
    @property
    def purpose(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def text_version(self) -> int | None: ...
    @property
    def source(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def occurred_at(self) -> datetime: ...


def consent_fact(saying: Saying) -> Fact:
    """State what somebody said; the id derives from the operation."""
    name = _FACTS[saying.state]
    return _fact(saying, saying.person_id, name=name, message_id=f"{name}:{saying.operation_id}")


def restated_fact(person_id: PersonId, line: Stated) -> Fact:
    """State for one of those who came apart what was said while they were one."""
    name = _FACTS[ConsentState(line.state)]
    message_id = f"{name}:{line.operation_id}:{encode_id('per', person_id)}"
    return _fact(line, person_id, name=name, message_id=message_id)


def _fact(said: Stated, person_id: PersonId, *, name: str, message_id: str) -> Fact:
    properties: dict[str, Any] = {
        "operation_id": said.operation_id,
        "purpose": said.purpose,
        "channel": str(said.channel),
        "text_version": said.text_version,
        "source": str(said.source),
        "actor": said.actor,
    }
    return Fact(
        name=name,
        message_id=message_id,
        occurred_at=said.occurred_at,
        person_id=PersonId(person_id),
        properties={key: value for key, value in properties.items() if value},
    )


def concrete_channels() -> tuple[ConsentChannel, ...]:
    """Return every channel but "all"."""
    return tuple(one for one in ConsentChannel if one is not ConsentChannel.ALL)
