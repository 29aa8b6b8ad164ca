"""Attributes of a person: their history, setting one by hand, and which statement counts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import Fact, UnitOfWork
from quanyu.kernel.ids import PersonId, encode_id, new_id
from quanyu.modules.people import graph_queries
from quanyu.modules.people.computed.keys import is_computed_key
from quanyu.modules.people.contracts import AttributeClass, AttributeWrite
from quanyu.modules.people.errors import PersonNotFound
from quanyu.modules.people.names import mask_attribute
from quanyu.modules.people.profile.contracts import (
    AttributeHistory,
    AttributePolicies,
    AttributePolicyView,
    SetAttribute,
    SetAttributePolicy,
    StatementView,
)
from quanyu.modules.people.profile.errors import NotAnAttribute, PolicyNotPossible
from quanyu.modules.people.profile.queries import ProfileQueries, StatementRow
from quanyu.modules.people.profile.winning import Policy, Statement, gathered, winner
from quanyu.modules.people.service import People
from quanyu.modules.people.traits import classify_trait, is_private

SOURCE: Final = "console"  # What somebody sets by hand is told by ``console:<who>``.
RECOPY_SLICE: Final = 5_000
_ON_SEALED: Final = (Policy.NEWEST, Policy.FIRST, Policy.PRIORITY)


class Profiles:
    """The use cases of attributes."""

    def __init__(self, keyring: KeyRing, people: People) -> None:
        self._keyring = keyring
        self._people = people

    async def history(self, uow: UnitOfWork, person_id: PersonId, key: str) -> AttributeHistory:
        """Return everything told of one attribute of a person, the newest first; nothing for an unknown key.

        Raises:
            PersonNotFound: this brand has no such person.
        """
        queries = ProfileQueries(uow)
        rows = await queries.statements(await self._members(uow, person_id), key)
        policy, sources = await queries.policy_of(key)
        statements = [(row, self._statement(row)) for row in _merged(rows)]
        statements.sort(key=lambda pair: pair[1].told_at, reverse=True)
        counting = _counting([one for _, one in statements], policy, sources)
        return AttributeHistory(
            key=key,
            classification=AttributeClass(rows[0].attribute_class) if rows else classify_trait(key),
            policy=policy,
            items=tuple(
                StatementView(
                    value=_shown(key, row.attribute_class, one.value),
                    source=one.source,
                    first_at=one.first_at,
                    last_at=one.occurred_at,
                    replaced_at=None if at == 0 else statements[at - 1][1].first_at,
                    counts=id(one) in counting,
                )
                for at, (row, one) in enumerate(statements)
            ),
        )

    async def set_attribute(
        self, uow: UnitOfWork, person_id: PersonId, command: SetAttribute, *, actor: str
    ) -> AttributeHistory:
        """Set or clear one attribute by hand. Publishes ``people.attribute_set``, which names the key alone.

        Raises:
            PersonNotFound: this brand has no such person.
            NotAnAttribute: the key holds an identifier, or belongs to a computed attribute.
        """
        refuse_identifiers(command.key)
        refuse_computed(command.key)
        await self._members(uow, person_id)
        write = AttributeWrite(person_id=person_id, key=command.key, value=command.value)
        await self._people.set_attributes(uow, [write], source=f"{SOURCE}:{actor}", keep_past=True)
        is_cleared = command.value is None
        uow.publish(attribute_set(person_id, command.key, actor, is_cleared=is_cleared, at=uow.clock.now()))
        return await self.history(uow, person_id, command.key)

    async def policies(self, uow: UnitOfWork) -> AttributePolicies:
        """Return the attributes with a policy of their own."""
        return AttributePolicies(
            items=tuple(
                AttributePolicyView(
                    key=row.key,
                    policy=row.policy,
                    sources=row.sources,
                    actor=row.actor,
                    changed_at=row.changed_at,
                    is_recopying=row.recopy_from is not None,
                )
                for row in await ProfileQueries(uow).policies()
            )
        )

    async def set_policy(
        self, uow: UnitOfWork, command: SetAttributePolicy, *, actor: str
    ) -> AttributePolicies:
        """Say which statement of an attribute counts; profiles show it at once, segments soon after.

        Raises:
            PolicyNotPossible: values that are sealed cannot be compared or gathered, and ``priority`` wants
                sources.
        """
        if is_private(classify_trait(command.key)) and command.policy not in _ON_SEALED:
            raise PolicyNotPossible(
                f"values of {command.key} are encrypted: they cannot be compared or gathered",
                message_zh=f"{command.key} 的值已加密，不能按大小比较或合并",
            )
        if (command.policy is Policy.PRIORITY) != bool(command.sources):
            raise PolicyNotPossible(
                "name sources by priority, and only then",
                message_zh="按来源优先级时需要指定来源，其他策略不需要",
            )
        await ProfileQueries(uow).set_policy(command.key, command.policy, command.sources, actor=actor)
        return await self.policies(uow)

    async def recopy_slice(self, uow: UnitOfWork) -> int:
        """Note the next profiles whose copy has to follow a change of policy; return 0 when none is left."""
        found = await ProfileQueries(uow).profiles_to_recopy(RECOPY_SLICE)
        if found is None:
            return 0
        await graph_queries.note_changes(await uow.raw(), uow.tenant_id, profiles=found[1], remapped=())
        return max(1, len(found[1]))

    async def _members(self, uow: UnitOfWork, person_id: PersonId) -> tuple[PersonId, ...]:
        members = await self._people.members_of(uow, person_id)
        if not members:
            shown = encode_id("per", person_id)
            raise PersonNotFound(f"there is no person {shown}", message_zh=f"没有这个客户：{shown}")
        return members

    def _statement(self, row: StatementRow) -> Statement:
        value = row.value if row.sealed is None else msgspec.json.decode(self._keyring.open(row.sealed))
        return Statement(
            person_id=row.person_id,
            source=row.source,
            value=value,
            first_at=row.first_at,
            occurred_at=row.occurred_at,
            position=row.position,
        )


def attribute_set(person_id: PersonId, key: str, actor: str, *, is_cleared: bool, at: datetime) -> Fact:
    """State that somebody set an attribute by hand; values stay in the profile."""
    return Fact(
        name="people.attribute_set",
        message_id=f"people.attribute_set:{new_id()}",
        occurred_at=at,
        person_id=person_id,
        properties={"key": key, "actor": actor, "cleared": is_cleared},
    )


def refuse_identifiers(key: str) -> None:
    """Raise ``NotAnAttribute`` for keys that hold an identifier."""
    if classify_trait(key) is AttributeClass.IDENTIFIER:
        raise NotAnAttribute(
            f"{key} holds an identifier: link or separate identifiers instead",
            message_zh=f"{key} 是身份标识，请在「身份与证据」中处理",
        )


def refuse_computed(key: str) -> None:
    """Raise ``NotAnAttribute`` for keys that only computations set: the next one would undo it unasked."""
    if is_computed_key(key):
        raise NotAnAttribute(
            f"{key} is computed from history: change its definition instead",
            message_zh=f"{key} 由历史数据计算得出，请在「计算属性」中修改其定义",
        )


def _merged(rows: Iterable[StatementRow]) -> list[StatementRow]:
    """Take together what one source told of one value, in whichever of the two tables it stands."""
    found: dict[tuple[int, str, bytes | None], StatementRow] = {}
    for row in rows:
        statement = (row.person_id, row.source, row.digest)
        known = found.get(statement)
        if known is None:
            found[statement] = row
            continue
        last = max(known, row, key=lambda one: (one.occurred_at, one.position))
        first_at = min(known.first_at, row.first_at)
        found[statement] = StatementRow(
            last.person_id, last.source, last.attribute_class, last.value, last.sealed, first_at, *_end(last)
        )
    return list(found.values())


def _end(row: StatementRow) -> tuple[Any, Any, Any]:
    return row.occurred_at, row.position, row.digest


def _counting(statements: Sequence[Statement], policy: Policy, sources: Sequence[str]) -> set[int]:
    """Return which statements count, by identity: one, or by ``union`` each that adds a value."""
    if policy is Policy.UNION:
        values = gathered(statements)
        return {id(one) for one in statements if one.value is not None and _adds(one.value, values)}
    found = winner(statements, policy, sources)
    return set() if found is None else {id(found)}


def _adds(value: Any, values: Sequence[Any]) -> bool:
    return all(item in values for item in (value if isinstance(value, list) else [value]))


def _shown(key: str, attribute_class: str, value: Any) -> Any:
    if attribute_class == AttributeClass.IDENTIFIER and value is not None:
        return mask_attribute(key, str(value))
    return value
