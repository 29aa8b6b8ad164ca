"""The blocklist: people the brand does not write to, whatever they agreed to."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, decode_id, encode_id
from quanyu.kernel.paging import Page, clamp_limit, decode_cursor, encode_cursor
from quanyu.modules.messaging.contracts import MessageClass, RefusalReason
from quanyu.modules.messaging.ports import MessageRef, PersonVariables
from quanyu.modules.messaging.queries import blocks


class BlockScope(StrEnum):
    """What a blocked person does not get."""

    MARKETING = "marketing"
    EVERYTHING = "everything"


class BlockPeople(BaseModel):
    """Put people on the blocklist; who is on it already gets the new scope, end and note."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    person_ids: Annotated[
        tuple[Annotated[str, Field(max_length=40)], ...], Field(min_length=1, max_length=1000)
    ]
    scope: BlockScope = BlockScope.MARKETING
    note: Annotated[str, Field(max_length=200)] = ""
    ends_at: AwareDatetime | None = None  # Left out: until somebody takes them off.


class BlockView(BaseModel):
    """One person on the blocklist."""

    model_config = ConfigDict(frozen=True)

    person_id: str
    display_name: str
    scope: BlockScope
    note: str
    actor: str  # Who put them there.
    blocked_at: datetime
    ends_at: datetime | None


class Blocklist:
    """Keeps the blocklist, and stops messages to whom it names."""

    def __init__(self, people: PersonVariables) -> None:
        self._people = people

    async def refusals(self, uow: UnitOfWork, messages: Sequence[MessageRef]) -> Mapping[int, RefusalReason]:
        """Return which messages go to nobody because of the list; a ``SendGuard``."""
        people = sorted({message.person_id for message in messages})
        found = await blocks.scopes(await uow.raw(), uow.tenant_id, people, now=uow.clock.now())
        return {
            message.message_id: RefusalReason.BLOCKED
            for message in messages
            if (scope := found.get(message.person_id)) is not None
            and (scope == BlockScope.EVERYTHING or message.message_class is MessageClass.MARKETING)
        }

    async def block(self, uow: UnitOfWork, command: BlockPeople, *, actor: str) -> int:
        """Put people on the list; binds messages not yet handed over, too. Idempotent; return how many.

        Raises:
            InvalidId: not the id of a person.
        """
        people = sorted({PersonId(decode_id("per", one)) for one in command.person_ids})
        return await blocks.save(
            await uow.raw(),
            uow.tenant_id,
            people,
            blocks.Block(str(command.scope), command.note, actor, uow.clock.now(), command.ends_at),
        )

    async def unblock(self, uow: UnitOfWork, person_id: PersonId) -> None:
        """Take somebody off the list; idempotent."""
        await blocks.delete(await uow.raw(), uow.tenant_id, person_id)

    async def find(self, uow: UnitOfWork, person_id: PersonId) -> BlockView | None:
        """Return a person's entry, if it still holds."""
        rows = await blocks.list_blocks(
            await uow.raw(), uow.tenant_id, now=uow.clock.now(), rows_max=1, person_id=person_id
        )
        return (await self._views(uow, rows))[0] if rows else None

    async def list_blocked(
        self, uow: UnitOfWork, *, cursor: str | None = None, limit: int | None = None
    ) -> Page[BlockView]:
        """Return who is on the list, the newest person ids first.

        Raises:
            InvalidCursor: the cursor is not one of this list.
        """
        before = decode_cursor(cursor, int)[0] if cursor else None
        size = clamp_limit(limit)
        rows = await blocks.list_blocks(
            await uow.raw(), uow.tenant_id, now=uow.clock.now(), rows_max=size + 1, before=before
        )
        items = await self._views(uow, rows[:size])
        more = len(rows) > size
        return Page(items, encode_cursor(rows[size - 1][0]) if more else None)

    async def _views(
        self, uow: UnitOfWork, rows: Sequence[tuple[PersonId, blocks.Block]]
    ) -> tuple[BlockView, ...]:
        names = await self._people.display_names(uow, [person_id for person_id, _ in rows])
        return tuple(
            BlockView(
                person_id=encode_id("per", person_id),
                display_name=names.get(person_id, ""),
                scope=BlockScope(block.scope),
                note=block.note,
                actor=block.actor,
                blocked_at=block.blocked_at,
                ends_at=block.ends_at,
            )
            for person_id, block in rows
        )
