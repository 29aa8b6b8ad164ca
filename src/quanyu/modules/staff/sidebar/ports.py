"""What the page beside chats asks of others; wiring answers."""

from collections.abc import Sequence
from typing import Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.sidebar.contracts import CorpTagChoice, ShownMessage, StaffCaller, StaffTask


class PersonMessages(Protocol):
    """The messages the brand sent somebody."""

    async def latest(
        self, uow: UnitOfWork, person_id: PersonId, *, limit: int
    ) -> tuple[ShownMessage, ...]: ...


class CustomerTags(Protocol):
    """The tags of the company."""

    async def choices(self, uow: UnitOfWork, corp_id: AccountId) -> tuple[CorpTagChoice, ...]:
        """Return what can be given."""
        ...

    async def mark(
        self,
        uow: UnitOfWork,
        caller: StaffCaller,
        token: bytes,
        *,
        add: Sequence[str],
        remove: Sequence[str],
    ) -> None:
        """Have tags given and taken; they reach the platform within seconds."""
        ...


class Errands(Protocol):
    """What a member should know or do."""

    async def of(self, uow: UnitOfWork, caller: StaffCaller, *, limit: int) -> tuple[StaffTask, ...]: ...
