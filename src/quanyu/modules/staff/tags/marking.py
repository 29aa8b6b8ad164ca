"""Giving corp tags to customers and taking them away; taking note of what others did on the platform."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.staff.customers.contacts import ContactQueries
from quanyu.modules.staff.customers.contracts import ObservedTags, RelationKey
from quanyu.modules.staff.tags import facts, rules
from quanyu.modules.staff.tags.contracts import KeptMark, wishes_of
from quanyu.modules.staff.tags.queries.marks import MarkQueries, TaggedRelation
from quanyu.modules.staff.tags.queries.tags import TagQueries
from quanyu.modules.staff.tags.rules import ConflictPolicy, Look, Mark, MarkState, Step, Winner

PLATFORM: Final = "platform"  # ``origin`` of what members and other apps did.
# Who undoes our tag on one relation this often within a day means it.
_WON_MAX: Final = 5

Changes = dict[tuple[RelationKey, str], Step]


@dataclass(slots=True)
class _Looked:
    """What a batch of looks came to."""

    steps: Changes = field(default_factory=dict)
    first: set[RelationKey] = field(default_factory=set)


class CorpTagMarks:
    """Who carries which corp tag. For codes, journeys, the sidebar and the console; and ``TagObserver``."""

    def __init__(self, corps: Corps) -> None:
        self._corps = corps

    async def mark(
        self,
        uow: UnitOfWork,
        relation: RelationKey,
        add: Sequence[str] = (),
        remove: Sequence[str] = (),
        *,
        why: str,
    ) -> int:
        """Want tags (by the platform's ids) on one relation, or gone from it; return what is to be done.

        Carried out within seconds; idempotent; of several wishes for one tag the latest counts. ``why`` is
        kept with the mark and stated with the fact, such as ``code:lvc_…`` or ``console``.
        """
        return await self.mark_all(uow, [relation], wishes_of(add, remove), why=why)

    async def follow_rename(self, uow: UnitOfWork, corp_id: AccountId, userid: str, new_userid: str) -> None:
        """Keep what is known of a member's customers under the id they have now; idempotent."""
        await MarkQueries(uow).rename_member(corp_id, userid, new_userid)

    async def holding(
        self, uow: UnitOfWork, corp_id: AccountId, userid: str, tag_ids: Sequence[str]
    ) -> set[bytes]:
        """Return the customers to whom a member gave one of the tags, by their tokens."""
        return await MarkQueries(uow).carriers(corp_id, userid, tag_ids)

    async def mark_all(
        self, uow: UnitOfWork, relations: Sequence[RelationKey], wishes: Mapping[str, bool], *, why: str
    ) -> int:
        """Want the same of many relations; see ``mark``."""
        queries, now = MarkQueries(uow), uow.clock.now()
        await queries.lock(relations)
        known = await queries.of_relations(relations)
        changed = []
        for key in dict.fromkeys(relations):
            for tag_id, wanted in wishes.items():
                before = known.get((key, tag_id), Mark())
                after = rules.wish(before, wanted, at=now, origin=why)
                changed.append(KeptMark(key=key, tag_id=tag_id, mark=after))
        await queries.save(changed)
        waiting = [one for one in changed if one.mark.is_pending]
        await queries.due((one.key.corp_id, one.key.token) for one in waiting)
        return len(waiting)

    async def observe(self, uow: UnitOfWork, corp_id: AccountId, seen: Sequence[ObservedTags]) -> None:
        """Take what relations carried when the platform was asked; idempotent, and in any order.

        What the very first look at a relation finds was there before: nothing is stated about it.
        """
        looks = {RelationKey(corp_id, one.userid, one.token): one for one in seen}
        queries, tags = MarkQueries(uow), TagQueries(uow)
        locked = await queries.lock(looks)
        fresh = [key for key, relation in locked.items() if _is_news(relation, looks[key])]
        known = await queries.of_relations(fresh)
        policy = await tags.policy(corp_id)
        looked = _Looked(first={key for key in fresh if locked[key].observed_at is None})
        for key in fresh:
            marks = {tag_id: mark for (of, tag_id), mark in known.items() if of == key}
            steps = await self._look(queries, key, marks, looks[key], locked[key], policy)
            await self._journal(tags, key, marks, steps, locked[key], looks[key], policy)
            looked.steps.update({(key, tag_id): step for tag_id, step in steps.items()})
        await queries.looked(fresh, [looks[key].asked_at for key in fresh])
        await self._keep(uow, corp_id, known, looked)

    async def _look(
        self,
        queries: MarkQueries,
        key: RelationKey,
        marks: Mapping[str, Mark],
        seen: ObservedTags,
        relation: TaggedRelation,
        policy: ConflictPolicy,
    ) -> dict[str, Step]:
        steps: dict[str, Step] = {}
        for tag_id in sorted({*seen.tag_ids, *marks}):
            mark, look = marks.get(tag_id, Mark()), _look(tag_id, seen, relation)
            step = rules.observe(mark, look, policy)
            if step.winner is Winner.OURS and await queries.insisted_on(key, [tag_id], times=_WON_MAX):
                step = rules.observe(mark, look, policy, is_insisted_on=True)
            if step != Step(mark=mark):
                steps[tag_id] = step
        return steps

    async def _journal(
        self,
        tags: TagQueries,
        key: RelationKey,
        marks: Mapping[str, Mark],
        steps: Mapping[str, Step],
        relation: TaggedRelation,
        seen: ObservedTags,
        policy: ConflictPolicy,
    ) -> None:
        conflicts = {tag_id: step for tag_id, step in steps.items() if step.winner is not None}
        names = await tags.known(key.corp_id) if conflicts else {}
        for tag_id, step in conflicts.items():
            assert step.winner is not None
            name = names[tag_id].name if tag_id in names else ""
            look = _look(tag_id, seen, relation)
            await tags.journal(key, tag_id, marks[tag_id], look, step.winner, policy=policy, tag_name=name)

    async def _keep(
        self,
        uow: UnitOfWork,
        corp_id: AccountId,
        known: Mapping[tuple[RelationKey, str], Mark],
        looked: _Looked,
    ) -> None:
        queries, steps = MarkQueries(uow), looked.steps
        await queries.save(
            [
                KeptMark(key=key, tag_id=tag_id, mark=step.mark)
                for (key, tag_id), step in steps.items()
                if step.mark != known.get((key, tag_id))
            ]
        )
        await queries.due(
            (corp_id, key.token) for (key, _), step in steps.items() if step.mark.state is MarkState.WAITING
        )
        await ask_again(uow, steps)
        told = {place: step for place, step in steps.items() if place[0] not in looked.first}
        await state_facts(uow, self._corps, corp_id, told, origin=PLATFORM)
        names = await TagQueries(uow).known(corp_id) if steps else {}
        if any(tag_id not in names for _, tag_id in steps):
            await TagQueries(uow).ask_for_list([corp_id], due_at=uow.clock.now())


def _is_news(relation: TaggedRelation, seen: ObservedTags) -> bool:
    return relation.observed_at is None or seen.asked_at > relation.observed_at


def _look(tag_id: str, seen: ObservedTags, relation: TaggedRelation) -> Look:
    return Look(seen=tag_id in seen.tag_ids, asked_at=seen.asked_at, changed_at=relation.edited_at)


async def ask_again(uow: UnitOfWork, steps: Changes) -> None:
    """Have the platform asked about customers where only a new look can tell."""
    await ContactQueries(uow).ask_about(
        [(key.corp_id, key.token) for (key, _), step in steps.items() if step.asks_again]
    )


async def state_facts(
    uow: UnitOfWork, corps: Corps, corp_id: AccountId, steps: Changes, *, origin: str | None = None
) -> None:
    """State what the platform has now and had not before; ``origin`` is who did it, else who wished it."""
    news = {place: step for place, step in steps.items() if step.news is not None}
    if not news:
        return
    app_id = (await corps.get(uow, corp_id)).corp_id
    names: Mapping[str, Any] = await TagQueries(uow).known(corp_id)
    people = await ContactQueries(uow).find(corp_id, sorted({key.token for key, _ in news}))
    for (key, tag_id), step in news.items():
        known, contact = names.get(tag_id), people.get(key.token)
        uow.publish(
            facts.customer_tag(
                key,
                app_id=app_id,
                person_id=None if contact is None else contact.person_id,
                tag_id=tag_id,
                tag="" if known is None else known.name,
                group="" if known is None else known.group_name,
                origin=step.mark.origin if origin is None else origin,
                added=bool(step.news),
                at=uow.clock.now(),
            )
        )
