"""Asks the platform what material an account has. Nothing is kept: the platform's library is the truth."""

from datetime import UTC, datetime
from typing import Final, Literal

from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.materials.contracts import PAGE_MAX, Material, MaterialKind, Materials
from quanyu.wechat.official_account import material as wx
from quanyu.wechat.official_account import publishing
from quanyu.wechat.official_account.client import OfficialAccountClient
from quanyu.wechat.official_account.drafts import ArticleList

_LIBRARY: Final[dict[MaterialKind, Literal["image", "voice", "video", "news"]]] = {
    MaterialKind.IMAGE: "image",
    MaterialKind.VOICE: "voice",
    MaterialKind.VIDEO: "video",
    MaterialKind.NEWS: "news",
}


class MaterialShelf:
    """Lists what replies and menu buttons may name."""

    def __init__(self, clients: AccountClients) -> None:
        self._clients = clients

    async def list_materials(
        self, tenant_id: TenantId, account_id: AccountId, kind: MaterialKind, *, offset: int
    ) -> Materials:
        """Return up to ``PAGE_MAX`` materials of a kind, beginning with number ``offset``.

        Raises:
            UnknownAccount, PlatformRefusal, TransportError
        """
        client = await self._clients.client(tenant_id, account_id)
        if kind is MaterialKind.ARTICLE:
            return await _published(client, offset)
        request = wx.ListRequest(type=_LIBRARY[kind], offset=offset, count=PAGE_MAX)
        found = await client.call(wx.LIST, request)
        return Materials(
            items=tuple(
                Material(
                    id=item.media_id,
                    name=item.name or _title(item.content),
                    url=item.url,
                    updated_at=_instant(item.update_time),
                )
                for item in found.item
            ),
            total=found.total_count,
        )


async def _published(client: OfficialAccountClient, offset: int) -> Materials:
    found = await client.call(publishing.LIST, publishing.ListRequest(offset=offset, count=PAGE_MAX))
    return Materials(
        items=tuple(
            Material(
                id=item.article_id, name=_title(item.content), url="", updated_at=_instant(item.update_time)
            )
            for item in found.item
        ),
        total=found.total_count,
    )


def _title(articles: ArticleList) -> str:
    return articles.news_item[0].title if articles.news_item else ""


def _instant(unix_s: int) -> datetime:
    return datetime.fromtimestamp(unix_s, UTC)
