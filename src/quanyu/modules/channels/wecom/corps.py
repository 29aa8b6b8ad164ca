"""The connected corps, for all who work with them."""

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import decode_id, encode_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.contracts import CORP_PREFIX, Corp
from quanyu.modules.channels.wecom.errors import UnknownCorp
from quanyu.modules.channels.wecom.queries import CorpQueries


class Corps:
    """Tell which corps a brand has connected."""

    async def list(self, uow: UnitOfWork) -> tuple[Corp, ...]:
        """Return the brand's corps, oldest first."""
        return await CorpQueries(uow).list_all()

    async def get(self, uow: UnitOfWork, corp_id: AccountId) -> Corp:
        """Return one corp.

        Raises:
            UnknownCorp: the brand has no such corp.
        """
        corp = await CorpQueries(uow).find(corp_id)
        if corp is None:
            raise UnknownCorp(f"no connected corp {show_corp_id(corp_id)}", message_zh="没有这个企业微信")
        return corp

    async def corp_ids(self, uow: UnitOfWork) -> tuple[AccountId, ...]:
        """Return the ids of the brand's corps, oldest first."""
        return tuple((await self.ids_by_corp_id(uow)).values())

    async def ids_by_corp_id(self, uow: UnitOfWork) -> dict[str, AccountId]:
        """Return the ids by the platform's corp ids, as ``context.app`` of an event has them."""
        return await CorpQueries(uow).ids_by_corp_id()


def read_corp_id(text: str) -> AccountId:
    """Read an id as shown outside (``wcp_…``).

    Raises:
        InvalidId: it is none.
    """
    return AccountId(decode_id(CORP_PREFIX, text))


def show_corp_id(corp_id: AccountId) -> str:
    """Write an id as it is shown outside."""
    return encode_id(CORP_PREFIX, corp_id)
