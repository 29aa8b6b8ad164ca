"""Groups whose owner has left: somebody has to take them over (GC-6)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.community.groups import facts
from quanyu.modules.community.groups.member_queries import MemberQueries
from quanyu.modules.community.groups.queries import GroupQueries, KeptGroup
from quanyu.modules.community.ports import CorpRef


async def owners_left(uow: UnitOfWork, corp: CorpRef, owners: Mapping[str, datetime]) -> None:
    """Open a task for each active group of members who left. Idempotent while the task is open.

    Publishes ``community.group_owner_left``.
    """
    groups = await GroupQueries(uow).owned_by(corp.account_id, list(owners))
    await ask_for_owners(uow, corp, ((group, owners[group.owner]) for group in groups))


async def ask_for_owners(
    uow: UnitOfWork, corp: CorpRef, groups: Iterable[tuple[KeptGroup, datetime]]
) -> None:
    """Open a task for each of these groups, and say so once."""
    for group, at in groups:
        task = await MemberQueries(uow).open_handover(corp.account_id, group.group_id, group.owner)
        if task is not None:
            uow.publish(facts.owner_left(corp.corp_id, group.chat_id, group.owner, task, at=at))
