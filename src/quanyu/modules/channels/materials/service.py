"""Asks the platform what material an account has. Nothing is kept: the platform's library is the truth."""

from datetime import UTC, datetime
from typing import Final, Literal

from quanyu.kernel.errors import InvalidInput
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.materials.contracts import PAGE_MAX, Material, MaterialKind, Materials
from quanyu.wechat.calls import File
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


_UPLOADED: Final[dict[MaterialKind, Literal["image", "voice", "video"]]] = {
    MaterialKind.IMAGE: "image",
    MaterialKind.VOICE: "voice",
    MaterialKind.VIDEO: "video",
}
# Bytes, and types of content. Source: developers.weixin.qq.com, 新增永久素材 (read 2026).
UPLOADS: Final = {
    MaterialKind.IMAGE: (10 * 1024 * 1024, ("image/png", "image/jpeg", "image/gif", "image/bmp")),
    MaterialKind.VOICE: (
        2 * 1024 * 1024,
        ("audio/mpeg", "audio/mp3", "audio/amr", "audio/x-ms-wma", "audio/wav"),
    ),
    MaterialKind.VIDEO: (10 * 1024 * 1024, ("video/mp4",)),
}


class InvalidMaterial(InvalidInput):
    """The platform would not take the file."""

    code = "channels.invalid_material"


class MaterialShelf:
    """Adds to and lists what replies and menu buttons may name."""

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

    async def upload(
        self,
        tenant_id: TenantId,
        account_id: AccountId,
        kind: MaterialKind,
        *,
        name: str,
        content: bytes,
        content_type: str,
    ) -> Material:
        """Add a file to the account's permanent material, for good.

        Not idempotent: a second upload is a second material.

        Raises:
            InvalidMaterial: of a type or size the platform does not take.
            UnknownAccount, PlatformRefusal, TransportError
        """
        _require_fit(kind, content, content_type)
        client = await self._clients.client(tenant_id, account_id)
        request = wx.AddRequest(
            type=_UPLOADED[kind],
            media=File(content, name, content_type),
            description=wx.VideoDescription(title=name, introduction="")
            if kind is MaterialKind.VIDEO
            else None,
        )
        added = await client.call(wx.ADD, request)
        return Material(id=added.media_id, name=name, url=added.url, updated_at=self._clients.clock.now())


def _require_fit(kind: MaterialKind, content: bytes, content_type: str) -> None:
    if kind not in UPLOADS:
        raise InvalidMaterial(f"{kind} cannot be uploaded here", message_zh="此类素材不能在这里上传")
    limit, types = UPLOADS[kind]
    if content_type not in types:
        raise InvalidMaterial(
            f"{kind} must be one of {', '.join(types)}, not {content_type or 'unknown'}",
            message_zh=f"文件类型须为 {'、'.join(types)} 之一",
        )
    if not 0 < len(content) <= limit:
        raise InvalidMaterial(
            f"{kind} holds 1 to {limit} bytes, this file {len(content)}",
            message_zh=f"文件大小须在 1 字节到 {limit // 1024 // 1024} MB 之间",
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
