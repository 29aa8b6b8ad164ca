"""Consent: what people said, purpose by purpose, and whether it lets the brand go on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.people import graph_queries, profile_queries
from quanyu.modules.people.consent.contracts import (
    EVERY,
    PURPOSES_MAX,
    ConsentChannel,
    ConsentCoverage,
    ConsentEntryView,
    ConsentOfPerson,
    ConsentSource,
    ConsentStanding,
    ConsentState,
    ConsentTexts,
    PublishText,
    PurposeBook,
    PurposeView,
    SavePurpose,
    Saying,
)
from quanyu.modules.people.consent.errors import (
    ConsentConflict,
    ConsentInFuture,
    ConsentTextNotFound,
    PurposeNotFound,
    TooManyPurposes,
)
from quanyu.modules.people.consent.queries import book, coverage, ledger
from quanyu.modules.people.consent.queries.book import Purpose
from quanyu.modules.people.consent.queries.ledger import Line
from quanyu.modules.people.consent.rules import (
    BUILT_IN,
    MARKETING,
    SERVICE,
    Ruling,
    concrete_channels,
    consent_fact,
    is_stop_word,
    purposes_of_categories,
    restated_fact,
    rule,
    settled_text,
)

__all__ = [
    "MARKETING",
    "SERVICE",
    "Consent",
    "ConsentAnswer",
    "ConsentQuestion",
    "is_stop_word",
    "purposes_of_categories",
]

LINES_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class ConsentQuestion:
    """May we speak to this person for this purpose by this channel? ``person_id`` is who they are today."""

    person_id: PersonId
    purpose: str
    channel: ConsentChannel


@dataclass(frozen=True, slots=True)
class ConsentAnswer:
    """The ruling, and the purpose with the version of its text as refusals name it."""

    is_allowed: bool
    was_withdrawn: bool
    about: str


class Consent:
    """The use cases of consent; the ledger is the one truth about what people agreed to."""

    # --- purposes and texts -------------------------------------------------------------------------------

    async def purposes(self, uow: UnitOfWork) -> PurposeBook:
        """Return every purpose with the text now in force."""
        texts = await book.current_texts(uow)
        return PurposeBook(
            items=tuple(
                PurposeView(
                    key=one.key,
                    is_built_in=one.key in BUILT_IN,
                    text=texts.get(one.key),
                    **one.words.model_dump(),
                )
                for one in await book.list_purposes(uow)
            )
        )

    async def save_purpose(self, uow: UnitOfWork, key: str, words: SavePurpose) -> None:
        """Add or replace a purpose. What people said of it stays; another basis counts from now on.

        Raises:
            TooManyPurposes: the brand has ``PURPOSES_MAX`` of them.
        """
        known = [one.key for one in await book.list_purposes(uow)]
        if key not in known and len(known) >= PURPOSES_MAX:
            raise TooManyPurposes(
                f"a brand has at most {PURPOSES_MAX} purposes", message_zh=f"用途最多 {PURPOSES_MAX} 个"
            )
        position = known.index(key) if key in known else len(known)
        await book.save_purpose(uow, key, words, position=position)

    async def publish_text(self, uow: UnitOfWork, key: str, text: PublishText, *, actor: str) -> int:
        """Publish the next version of what people read before they agree; return its number.

        Who agreed to an earlier one is still counted as having agreed, unless the new one ``ends_earlier``:
        then the ledger says within seconds that what they agreed to has ended (``endings``).

        Raises:
            PurposeNotFound: the brand has no such purpose.
        """
        await self._purpose(uow, key)
        return await book.publish_text(uow, key, text, actor=actor, now=uow.clock.now())

    async def texts(self, uow: UnitOfWork, key: str) -> ConsentTexts:
        """Return every version of a purpose's text, newest first.

        Raises:
            PurposeNotFound: the brand has no such purpose.
        """
        await self._purpose(uow, key)
        return ConsentTexts(items=tuple(await book.list_texts(uow, key)))

    async def coverage(self, uow: UnitOfWork, key: str) -> ConsentCoverage:
        """Return how many people agreed to a purpose, withdrew or said nothing, by channel and by version.

        Raises:
            PurposeNotFound: the brand has no such purpose.
        """
        purpose = await self._purpose(uow, key)
        return await coverage.of_purpose(uow, key, purpose.words.basis)

    # --- the ledger ---------------------------------------------------------------------------------------

    async def say(self, uow: UnitOfWork, saying: Saying) -> bool:
        """Write what somebody said into the ledger; return whether it was new.

        Idempotent on ``operation_id``. It counts for every id the person is known as now: should these come
        apart, nobody knows who of them said it. Publishes ``people.consent_granted``, ``…_withdrawn`` or
        ``…_expired``. What comes without a version is about the text now in force, if there is one.

        Raises:
            PurposeNotFound, ConsentTextNotFound
            ConsentInFuture: ``occurred_at`` is later than now.
            ConsentConflict: the operation id stands for something else.
        """
        if saying.occurred_at > uow.clock.now():
            raise ConsentInFuture(
                "what somebody said cannot be later than now", message_zh="表态时间不能晚于当前时间"
            )
        people = await self._members(uow, saying.person_id)
        known = await ledger.find_operation(uow, saying.operation_id)
        if known is not None:
            _check_same(saying, people, *known)
            return False
        purpose = None if saying.purpose == EVERY else await self._purpose(uow, saying.purpose)
        saying = await self._with_version(uow, saying)
        is_new = await ledger.append(uow, saying, people, valid_until=_valid_until(saying, purpose))
        if is_new:
            connection = await uow.raw()
            await graph_queries.note_changes(connection, uow.tenant_id, profiles={people[0]}, remapped=())
            uow.publish(consent_fact(saying))
        return is_new

    async def of_person(self, uow: UnitOfWork, person_id: PersonId) -> ConsentOfPerson:
        """Return what counts for somebody by purpose and channel, and what they said, newest first."""
        profile = (await self._members(uow, person_id))[0]
        said = (await ledger.latest(uow, [profile])).get(profile, [])
        now = uow.clock.now()
        standings = [
            _standing(one, channel, rule(said, one.key, one.words.basis, channel, now))
            for one in await book.list_purposes(uow)
            for channel in concrete_channels()
        ]
        entries = await ledger.lines(uow, profile, limit=LINES_SHOWN)
        return ConsentOfPerson(
            standings=tuple(standings), entries=tuple(_entry_view(line) for line in entries)
        )

    async def ask(
        self, uow: UnitOfWork, questions: Sequence[ConsentQuestion]
    ) -> Mapping[ConsentQuestion, ConsentAnswer]:
        """Answer thousands of questions at once. A purpose the brand does not have is never allowed."""
        if not questions:
            return {}
        purposes = {one.key: one.words.basis for one in await book.list_purposes(uow)}
        said = await ledger.latest(uow, [one.person_id for one in questions])
        texts: Mapping[str, int] | None = None
        now = uow.clock.now()
        answers = {}
        for one in dict.fromkeys(questions):
            basis = purposes.get(one.purpose)
            if basis is None:
                answers[one] = ConsentAnswer(False, False, one.purpose)
                continue
            ruling = rule(said.get(one.person_id, ()), one.purpose, basis, one.channel, now)
            if ruling.is_allowed:
                answers[one] = ConsentAnswer(True, False, one.purpose)
                continue
            if texts is None:
                texts = {key: text.version for key, text in (await book.current_texts(uow)).items()}
            answers[one] = _refusal(one, ruling, texts)
        return answers

    async def follow_splits(self, uow: UnitOfWork, partings: Sequence[tuple[int, int, int]]) -> int:
        """Return how many things were said under the ids that part: (own id, who they were, who they are).

        The ledger is read over everybody a person is, so nothing moves. History knows a statement under one
        id alone: what was said while they were one is stated for both sides once more.
        """
        if not partings:
            return 0
        for left, now, line in await ledger.said_together(uow, partings):
            for person in (left, now):
                uow.publish(restated_fact(PersonId(person), line))
        return await ledger.count_kept_under(uow, [own for own, _, _ in partings])

    # --- private ------------------------------------------------------------------------------------------

    async def _members(self, uow: UnitOfWork, person_id: PersonId) -> list[int]:
        """Return every id a person is, who they are today first."""
        canonical = (await profile_queries.find_canonical(uow, [person_id])).get(person_id, int(person_id))
        return [canonical, *(one for one in await ledger.members(uow, canonical) if one != canonical)]

    async def _purpose(self, uow: UnitOfWork, key: str) -> Purpose:
        for one in await book.list_purposes(uow):
            if one.key == key:
                return one
        raise PurposeNotFound(f"there is no purpose {key[:40]!r}", message_zh=f"没有这个用途：{key[:40]}")

    async def _with_version(self, uow: UnitOfWork, saying: Saying) -> Saying:
        if saying.purpose == EVERY:
            return saying
        versions = [text.version for text in await book.list_texts(uow, saying.purpose)]
        if saying.text_version is None:
            return saying.model_copy(update={"text_version": versions[0] if versions else None})
        if saying.text_version not in versions:
            raise ConsentTextNotFound(
                f"{saying.purpose} has no text of version {saying.text_version}",
                message_zh=f"用途 {saying.purpose} 没有第 {saying.text_version} 版文本",
            )
        return saying


def _check_same(saying: Saying, people: Sequence[int], line: Line, kept_under: Sequence[int]) -> None:
    same = (
        set(people) & set(kept_under)
        and (line.purpose, line.channel, line.state)
        == (saying.purpose, str(saying.channel), str(saying.state))
        and (saying.text_version is None or saying.text_version == line.text_version)
    )
    if not same:
        raise ConsentConflict(
            f"operation {saying.operation_id!r} said something else before; give each statement its own id",
            message_zh=f"操作标识 {saying.operation_id!r} 已用于另一条记录",
        )


def _valid_until(saying: Saying, purpose: Purpose | None) -> datetime | None:
    days = None if purpose is None else purpose.words.lasts_days
    if saying.state is not ConsentState.GRANTED or days is None:
        return None
    return saying.occurred_at + timedelta(days=days)


def _refusal(one: ConsentQuestion, ruling: Ruling, texts: Mapping[str, int]) -> ConsentAnswer:
    version = ruling.said.text_version if ruling.said is not None else None
    return ConsentAnswer(
        is_allowed=False,
        was_withdrawn=ruling.state is ConsentState.WITHDRAWN,
        about=settled_text(one.purpose, version or texts.get(one.purpose)),
    )


def _standing(purpose: Purpose, channel: ConsentChannel, ruling: Ruling) -> ConsentStanding:
    said = ruling.said
    return ConsentStanding(
        purpose=purpose.key,
        channel=channel,
        state=ruling.state,
        is_allowed=ruling.is_allowed,
        text_version=said.text_version if said else None,
        since=said.occurred_at if said else None,
        source=said.source if said else None,
    )


def _entry_view(line: Line) -> ConsentEntryView:
    return ConsentEntryView(
        operation_id=line.operation_id,
        purpose=line.purpose,
        channel=ConsentChannel(line.channel),
        state=ConsentState(line.state),
        text_version=line.text_version,
        source=ConsentSource(line.source),
        actor=line.actor,
        occurred_at=line.occurred_at,
        recorded_at=line.recorded_at,
        valid_until=line.valid_until,
        evidence=line.evidence,
    )
