"""What inheritance asks of folders beside it; wiring answers."""

from collections.abc import Collection, Sequence
from typing import Protocol

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId


class TagHolders(Protocol):
    """Who of a member's customers carries a tag."""

    async def holding(
        self, uow: UnitOfWork, corp_id: AccountId, userid: str, tag_ids: Sequence[str]
    ) -> Collection[bytes]:
        """Return the tokens of the customers to whom this member gave one of the tags."""
        ...
