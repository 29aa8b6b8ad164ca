"""Keeping what the platform answers about customers: details of one, or a page of many members' customers.

Reconciliation (EV-3): what no callback told is stated as a synthetic event, flagged, under an id that
follows from company, member, customer and time, so that it is stated once and counted as no scan.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.wecom.contracts import CUSTOMER_NAMESPACE, Corp
from quanyu.modules.staff.customers import facts
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.customers.contracts import (
    Change,
    Contact,
    ObservedTags,
    RelationKey,
    TagObserver,
)
from quanyu.modules.staff.customers.keeping import Heard, keep
from quanyu.modules.staff.customers.rules import CLOCK_DOUBT, News, NewsKind
from quanyu.wechat.wecom.customers import ExternalContact

# A callback may be on its way: younger relations are told of by it, or by the next sync.
GRACE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One relation as the platform lists it."""

    userid: str
    external_userid: str
    created_at: datetime
    add_way: int
    state: str
    brought_by: str
    remark: str
    tag_ids: tuple[str, ...] | None  # ``None`` where the answer says nothing of tags.


class AnswerKeeper:
    """Writes answers inside the caller's transaction; idempotent."""

    def __init__(self, keyring: KeyRing, tags: Sequence[TagObserver] = ()) -> None:
        self._keyring = keyring
        self._tags = tags

    def token(self, corp: Corp, external_userid: str) -> bytes:
        return self._keyring.blind(CUSTOMER_NAMESPACE, corp.corp_id, external_userid)

    async def keep(
        self,
        uow: UnitOfWork,
        corp: Corp,
        contacts: Sequence[ExternalContact],
        relations: Sequence[Answered],
        *,
        asked_at: datetime,
        claimed_until: datetime | None = None,
    ) -> tuple[RelationKey, ...]:
        """Write customers and relations as the platform has them; return the relations' keys."""
        by_token = {self.token(corp, one.external_userid): one for one in contacts}
        await self.keep_ids(uow, corp, [one.external_userid for one in contacts])
        known = await ContactQueries(uow).find(corp.id, list(by_token))
        first = _first_added(self, corp, relations)
        saved = []
        for token, one in by_token.items():
            after = self._details(corp, token, one, first.get(token), asked_at)
            before = known.get(token)
            if before is None or before.details_digest != after.details_digest:
                uow.publish(facts.details_fetched(corp, token, one, after))
            saved.append(after)
        await ContactQueries(uow).save_details(saved, claimed_until=claimed_until)
        keys = await self._relations(uow, corp, relations, asked_at)
        await self._show_tags(uow, corp, relations, asked_at)
        return keys

    async def keep_ids(self, uow: UnitOfWork, corp: Corp, external_userids: Sequence[str]) -> None:
        """Have a row for each of these customers, with the id to ask about them by."""
        sealed = {self.token(corp, one): self._keyring.seal(one.encode()) for one in external_userids}
        await ContactQueries(uow).keep_ids(corp.id, sealed)

    async def deny(
        self, uow: UnitOfWork, corp: Corp, keys: Sequence[RelationKey], *, asked_at: datetime
    ) -> None:
        """End relations the platform does not list; those too young to judge stay."""
        heard = {key: Heard(news=[News(NewsKind.DENIED, asked_at)]) for key in keys}
        for change in await keep(uow, heard, asks=False):
            if not change.has_ended:
                continue
            uow.publish(facts.synthetic_deletion(corp, change.after, asked_at))
            if (lost := facts.customer_lost(change.after, corp.corp_id)) is not None:
                uow.publish(lost)

    async def _relations(
        self, uow: UnitOfWork, corp: Corp, relations: Sequence[Answered], asked_at: datetime
    ) -> tuple[RelationKey, ...]:
        heard: dict[RelationKey, Heard] = {}
        ids: dict[RelationKey, str] = {}
        for one in relations:
            key = RelationKey(corp.id, one.userid, self.token(corp, one.external_userid))
            ids[key] = one.external_userid
            heard[key] = Heard(
                news=[News(NewsKind.ADDED, one.created_at), News(NewsKind.CONFIRMED, asked_at)],
                add_way=one.add_way,
                state=one.state,
                state_at=asked_at,
                brought_by=one.brought_by,
                remark_sealed=self._keyring.seal(one.remark.encode()) if one.remark else None,
            )
        for change in await keep(uow, heard, asks=False):
            if _was_not_told(change, asked_at):
                uow.publish(facts.synthetic_add(corp, change.after, ids[change.after.key]))
        return tuple(heard)

    async def _show_tags(
        self, uow: UnitOfWork, corp: Corp, relations: Sequence[Answered], asked_at: datetime
    ) -> None:
        seen = [
            ObservedTags(
                userid=one.userid,
                token=self.token(corp, one.external_userid),
                tag_ids=one.tag_ids,
                asked_at=asked_at,
            )
            for one in relations
            if one.tag_ids is not None
        ]
        for observer in self._tags if seen else ():
            await observer.observe(uow, corp.id, seen)

    def _details(
        self,
        corp: Corp,
        token: bytes,
        found: ExternalContact,
        first_added_at: datetime | None,
        asked_at: datetime,
    ) -> Contact:
        stated = (found.name, found.avatar, found.type, found.gender, found.corp_name, found.unionid)
        return Contact(
            corp_id=corp.id,
            token=token,
            name_sealed=self._keyring.seal(found.name.encode()) if found.name else None,
            avatar=found.avatar,
            type=found.type,
            gender=found.gender,
            corp_name=found.corp_name,
            unionid_sealed=self._keyring.seal(found.unionid.encode()) if found.unionid else None,
            first_added_at=first_added_at,
            details_fetched_at=asked_at,
            details_digest=hashlib.blake2b(msgspec.json.encode(stated), digest_size=16).digest(),
        )


def epoch(seconds: int) -> datetime:
    """Return the instant of the platform's Unix seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def _first_added(keeper: AnswerKeeper, corp: Corp, relations: Sequence[Answered]) -> Mapping[bytes, datetime]:
    first: dict[bytes, datetime] = {}
    for one in relations:
        token = keeper.token(corp, one.external_userid)
        first[token] = min(first.get(token, one.created_at), one.created_at)
    return first


def _was_not_told(change: Change, asked_at: datetime) -> bool:
    """Whether the log knows nothing of the add, and will not by itself."""
    added_at, announced_at = change.after.added_at, change.after.announced_at
    if added_at is None or asked_at - added_at < GRACE:
        return False
    return announced_at is None or added_at > announced_at + CLOCK_DOUBT
