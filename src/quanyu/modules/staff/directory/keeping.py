"""Writing members, and telling what of it others have to know."""

from collections.abc import Sequence
from datetime import datetime

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import new_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.directory import facts, rules
from quanyu.modules.staff.directory.contracts import Member, MemberId
from quanyu.modules.staff.directory.queries import DirectoryQueries


async def keep(
    uow: UnitOfWork, app_id: str, changes: Sequence[tuple[Member | None, Member]], *, at: datetime
) -> int:
    """Save members that changed and state it; return how many did. ``at`` dates the facts."""
    news = [(before, after) for before, after in changes if before != after]
    await DirectoryQueries(uow).save([after for _, after in news])
    for before, after in news:
        for what in rules.changes_of(before, after):
            uow.publish(facts.member_changed(after, app_id, what, at=at))
    return len(news)


def new_member(uow: UnitOfWork, corp_id: AccountId, userid: str) -> Member:
    """Return a member nothing is known of yet."""
    now = uow.clock.now()
    return Member(
        corp_id=corp_id, member_id=MemberId(new_id()), userid=userid, created_at=now, updated_at=now
    )
