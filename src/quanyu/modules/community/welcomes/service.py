"""Group welcomes: kept here, carried over by ``WelcomeKeeper``, bound to groups by their record."""

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import decode_id, encode_id, new_id
from quanyu.modules.community.errors import UnknownWelcome, WelcomeRefused
from quanyu.modules.community.groups.service import corp_of
from quanyu.modules.community.ports import Corps
from quanyu.modules.community.welcomes.contracts import (
    TEMPLATES_MAX,
    WELCOME_PREFIX,
    GroupWelcome,
    GroupWelcomeDraft,
    GroupWelcomes,
    NewGroupWelcome,
    WelcomeId,
)
from quanyu.modules.community.welcomes.queries import KeptWelcome, WelcomeQueries


def read_welcome_id(text: str) -> WelcomeId:
    """Read an id as shown outside (``gwl_…``).

    Raises:
        InvalidId: it is none.
    """
    return WelcomeId(decode_id(WELCOME_PREFIX, text))


class GroupWelcomeDesk:
    """Makes, changes and deletes group welcomes."""

    def __init__(self, corps: Corps) -> None:
        self._corps = corps

    async def list_welcomes(self, uow: UnitOfWork) -> GroupWelcomes:
        """Return the brand's welcomes, newest first."""
        queries = WelcomeQueries(uow)
        groups = await queries.groups()
        corps = {corp.account_id: corp.id for corp in await self._corps.list(uow)}
        items = [
            _shown(one, corps.get(one.corp_id, ""), groups.get(one.welcome_id, []))
            for one in await queries.list_all()
        ]
        return GroupWelcomes(items=tuple(items), used=await queries.used())

    async def create(self, uow: UnitOfWork, command: NewGroupWelcome) -> GroupWelcome:
        """Keep a new welcome; the platform is asked right after.

        Raises:
            UnknownCorp: of several corps none was named.
            WelcomeRefused: the corp has a hundred.
        """
        corp = await corp_of(self._corps, uow, command.corp)
        if await WelcomeQueries(uow).used(corp.account_id) >= TEMPLATES_MAX:
            raise WelcomeRefused(
                f"a corp has at most {TEMPLATES_MAX} group welcomes",
                message_zh=f"每个企业最多 {TEMPLATES_MAX} 条入群欢迎语",
            )
        now = uow.clock.now()
        kept = KeptWelcome(
            welcome_id=WelcomeId(new_id()),
            corp_id=corp.account_id,
            draft=GroupWelcomeDraft(name=command.name, text=command.text, card=command.card),
            notify=command.notify,
            template_id="",
            state="saving",
            attempts=0,
            reason="",
            version=1,
            created_at=now,
            updated_at=now,
        )
        await WelcomeQueries(uow).insert(kept)
        return _shown(kept, corp.id, [])

    async def change(self, uow: UnitOfWork, welcome_id: WelcomeId, draft: GroupWelcomeDraft) -> GroupWelcome:
        """Replace what a welcome says. Idempotent.

        Raises:
            UnknownWelcome
        """
        await self._get(uow, welcome_id)
        await WelcomeQueries(uow).change(welcome_id, draft)
        kept = await self._get(uow, welcome_id)
        corps = {corp.account_id: corp.id for corp in await self._corps.list(uow)}
        groups = (await WelcomeQueries(uow).groups()).get(welcome_id, [])
        return _shown(kept, corps.get(kept.corp_id, ""), groups)

    async def delete(self, uow: UnitOfWork, welcome_id: WelcomeId) -> None:
        """Delete a welcome here and on the platform.

        Raises:
            UnknownWelcome
        """
        await self._get(uow, welcome_id)
        await WelcomeQueries(uow).delete(welcome_id)

    async def _get(self, uow: UnitOfWork, welcome_id: WelcomeId) -> KeptWelcome:
        kept = await WelcomeQueries(uow).find(welcome_id)
        if kept is None:
            raise UnknownWelcome("the brand has no such group welcome", message_zh="没有这条入群欢迎语")
        return kept


def _shown(kept: KeptWelcome, corp: str, groups: list[str]) -> GroupWelcome:
    return GroupWelcome.model_validate(
        {
            "id": encode_id(WELCOME_PREFIX, kept.welcome_id),
            "corp_id": corp,
            "draft": kept.draft,
            "state": kept.state,
            "reason": "" if kept.reason == "asking" else kept.reason,
            "groups": tuple(groups),
            "created_at": kept.created_at,
            "updated_at": kept.updated_at,
        }
    )
