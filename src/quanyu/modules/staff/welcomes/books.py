"""What a corp's welcomes need at hand, kept in memory while its version stays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.welcomes.blocking import WelcomeBlockList
from quanyu.modules.staff.welcomes.media_queries import KeptMedia, MediaQueries
from quanyu.modules.staff.welcomes.queries import RuleQueries
from quanyu.modules.staff.welcomes.rules import KeptRule

# A file that ends within this time may end before the platform looks at it.
_MARGIN: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Book:
    """Rules, block-list and files of one corp."""

    version: int
    rules: tuple[KeptRule, ...]
    block_list: WelcomeBlockList
    media: tuple[KeptMedia, ...]

    def ready_media(self, now: datetime) -> dict[str, str]:
        """Return the platform's ids of the files that can be sent now, by ours."""
        return {one.ref: one.media_id for one in self.media if one.is_ready(now + _MARGIN)}


class Books:
    """The books of all corps of this process."""

    def __init__(self) -> None:
        self._kept: dict[tuple[TenantId, AccountId], Book] = {}

    async def read(self, uow: UnitOfWork, corp_ids: Sequence[AccountId]) -> Mapping[AccountId, Book]:
        """Return the corps' books as they are in this transaction."""
        rules = RuleQueries(uow)
        for corp_id, version in (await rules.versions(corp_ids)).items():
            key = (uow.tenant_id, corp_id)
            kept = self._kept.get(key)
            if kept is None or kept.version != version:
                self._kept[key] = Book(
                    version=version,
                    rules=tuple(one.kept for one in await rules.list_rules(corp_id)),
                    block_list=await rules.block_list(corp_id),
                    media=await MediaQueries(uow).list_of(corp_id),
                )
        return {corp_id: self._kept[uow.tenant_id, corp_id] for corp_id in corp_ids}
