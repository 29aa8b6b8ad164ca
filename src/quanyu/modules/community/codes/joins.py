"""What joining by a code brings, and leaving takes back (GC-5).

Runs on the facts of stays, when the person behind each is known. A row per stay remembers what was done, so
that it is done once, taken back once, and nothing else is taken back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.community.codes.contracts import CodeId
from quanyu.modules.community.codes.queries import CodeQueries, KeptCode
from quanyu.modules.community.groups import facts
from quanyu.modules.community.groups.contracts import GroupId
from quanyu.modules.community.groups.member_queries import KeptMember, MemberQueries
from quanyu.modules.community.groups.rules import MemberKey
from quanyu.modules.community.groups.subscribers import GroupEvent
from quanyu.modules.community.ports import CorpRef, Corps, CustomerTags
from quanyu.modules.people.contracts import AttributeWrite

STAGE: Final = "funnel_stage"  # The attribute of a person that says how far they are.
_SOURCE: Final = "community"


class Stages(Protocol):
    """The funnel stage people are in: an attribute of theirs."""

    async def attributes_of(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, Mapping[str, Any]]: ...
    async def set_attributes(
        self,
        uow: UnitOfWork,
        writes: Sequence[AttributeWrite],
        *,
        source: str,
        occurred_at: datetime | None = None,
    ) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stay:
    group_id: GroupId
    corp: CorpRef
    member: KeptMember
    person_id: PersonId | None

    @property
    def key(self) -> str:
        return f"{self.group_id}:{self.member.key.token.hex()}:{int(self.member.key.joined_at.timestamp())}"


class JoinSubscriber:
    """React subscriber ``community.joins``: idempotent, and leaving may come before joining was seen."""

    name: Final = "community.joins"
    after: Final = ("community.groups",)

    def __init__(
        self,
        corps: Corps,
        people: Stages,
        tags: CustomerTags,
    ) -> None:
        self._corps = corps
        self._people = people
        self._tags = tags

    def wants(self, event_name: str) -> bool:
        """The facts of stays."""
        return event_name in (facts.MEMBER_JOINED, facts.MEMBER_LEFT)

    async def prepare(self, tenant_id: TenantId, events: Sequence[GroupEvent]) -> None:
        """Nothing is needed from outside."""

    async def apply(self, uow: UnitOfWork, events: Sequence[GroupEvent], prepared: None) -> None:
        """Write who is behind each stay, and do or take back what its code says."""
        keyed = [(event, _key(event)) for event in events]
        known = [
            ("", chat, key.token, event.person_id)
            for event, (chat, key) in keyed
            if event.person_id is not None
        ]
        await MemberQueries(uow).know(known)
        stays = await MemberQueries(uow).find_stays([key for _, key in keyed])
        corps = {corp.account_id: corp for corp in await self._corps.list(uow)}
        for event, key in keyed:
            found = stays.get(key)
            if found is None or found[1] not in corps:
                continue
            group_id, corp_id, member = found
            person = event.person_id or member.person_id
            stay = _Stay(group_id=group_id, corp=corps[corp_id], member=member, person_id=person)
            if event.name == facts.MEMBER_JOINED and member.left_at is None:
                await self._joined(uow, stay)
            elif event.name == facts.MEMBER_LEFT:
                await self._left(uow, stay)

    async def _joined(self, uow: UnitOfWork, stay: _Stay) -> None:
        code = await self._code(uow, stay)
        if code is None:
            return
        before = await self._stage(uow, stay.person_id)
        effect = EffectQueries(uow)
        if not await effect.begin(stay.group_id, stay.member.key, code, stage_before=before):
            return
        origin = f"group_code:{code.code_id}"
        await self._tags.wish(uow, stay.corp, stay.member.key.token, add=code.on_join.tags, origin=origin)
        if code.on_join.stage and stay.person_id is not None and before != code.on_join.stage:
            await self._move(uow, stay, code, before, code.on_join.stage, why="joined")

    async def _left(self, uow: UnitOfWork, stay: _Stay) -> None:
        done = await EffectQueries(uow).reverse(stay.group_id, stay.member.key)
        if done is None:
            return
        code = await CodeQueries(uow).find(CodeId(done.code_id))
        if code is None:
            return
        still = await EffectQueries(uow).tags_held(stay.member.key.token)
        gone = [tag for tag in done.tags if tag not in still]
        await self._tags.wish(
            uow, stay.corp, stay.member.key.token, remove=gone, origin=f"group_code:{code.code_id}"
        )
        # Who was moved on since stays where they are.
        if done.stage and done.stage == await self._stage(uow, stay.person_id):
            await self._move(uow, stay, code, done.stage, done.stage_before, why="left")

    async def _move(
        self, uow: UnitOfWork, stay: _Stay, code: KeptCode, before: str, stage: str, *, why: str
    ) -> None:
        assert stay.person_id is not None
        now = uow.clock.now()
        write = AttributeWrite(person_id=stay.person_id, key=STAGE, value=stage or None)
        await self._people.set_attributes(uow, [write], source=_SOURCE, occurred_at=now)
        uow.publish(
            facts.stage_changed(
                stay.key,
                stay.person_id,
                stage=stage,
                before=before,
                why=why,
                code_id=code.code_id,
                at=now,
            )
        )

    async def _code(self, uow: UnitOfWork, stay: _Stay) -> KeptCode | None:
        code_id = stay.member.code_id
        return None if code_id is None else await CodeQueries(uow).find(CodeId(code_id))

    async def _stage(self, uow: UnitOfWork, person_id: PersonId | None) -> str:
        if person_id is None:
            return ""
        found = (await self._people.attributes_of(uow, [person_id])).get(person_id, {})
        return str(found.get(STAGE) or "")


def _key(event: GroupEvent) -> tuple[str, MemberKey]:
    joined_at = datetime.fromisoformat(str(event.properties["joined_at"]))
    return event.context["group"], MemberKey(bytes.fromhex(event.context["customer"]), joined_at)


@dataclass(frozen=True, slots=True)
class _Effect:
    code_id: int
    tags: tuple[str, ...]
    stage: str
    stage_before: str


class EffectQueries:
    """Every statement on ``group_join_effect``."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def begin(self, group_id: GroupId, key: MemberKey, code: KeptCode, *, stage_before: str) -> bool:
        """Write that a stay's effects are made; return whether they were not before."""
        done = await self._uow.execute(
            "INSERT INTO group_join_effect (tenant_id, group_id, token, joined_at, code_id, tags, stage, "
            "stage_before, applied_at) VALUES (:tenant, :group, :token, :joined, :code, :tags, :stage, "
            ":before, :now) ON CONFLICT DO NOTHING",
            {
                **self._of(group_id, key),
                "code": code.code_id,
                "tags": list(code.on_join.tags),
                "stage": code.on_join.stage,
                "before": stage_before,
                "now": self._uow.clock.now(),
            },
        )
        return done.rowcount == 1

    async def reverse(self, group_id: GroupId, key: MemberKey) -> _Effect | None:
        """Write that a stay's effects are taken back; return them the first time."""
        rows = await self._uow.execute(
            "UPDATE group_join_effect SET reversed_at = :now WHERE tenant_id = :tenant "
            "AND group_id = :group AND token = :token AND joined_at = :joined AND reversed_at IS NULL "
            "RETURNING code_id, tags, stage, stage_before",
            {**self._of(group_id, key), "now": self._uow.clock.now()},
        )
        row = rows.first()
        return None if row is None else _Effect(row.code_id, tuple(row.tags), row.stage, row.stage_before)

    async def tags_held(self, token: bytes) -> frozenset[str]:
        """Return the tags other stays of the same customer still give."""
        rows = await self._uow.execute(
            "SELECT DISTINCT unnest(tags) AS tag FROM group_join_effect WHERE tenant_id = :tenant "
            "AND token = :token AND reversed_at IS NULL",
            {"tenant": self._uow.tenant_id, "token": token},
        )
        return frozenset(row.tag for row in rows)

    def _of(self, group_id: GroupId, key: MemberKey) -> dict[str, Any]:
        return {
            "tenant": self._uow.tenant_id,
            "group": group_id,
            "token": key.token,
            "joined": key.joined_at,
        }
