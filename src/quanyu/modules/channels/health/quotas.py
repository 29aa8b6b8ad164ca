"""What is left today of the calls in use, as the platform counts."""

import asyncio
from typing import Final

from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.clients import OfficialAccountClients
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.health.contracts import Quota, Quotas
from quanyu.wechat.errors import WechatError
from quanyu.wechat.official_account.client import OfficialAccountClient

CALLS: Final = (
    ("/cgi-bin/message/custom/send", "客服消息", "customer-service messages"),
    ("/cgi-bin/message/template/send", "模板消息", "template messages"),
    ("/cgi-bin/message/mass/send", "群发", "mass sends"),
    ("/cgi-bin/user/info/batchget", "批量获取用户信息", "user info, in batches"),
    ("/cgi-bin/user/get", "获取粉丝列表", "follower list"),
    ("/cgi-bin/tags/members/batchtagging", "批量打标签", "tagging"),
    ("/cgi-bin/qrcode/create", "生成带参数二维码", "parameter QR codes"),
    ("/cgi-bin/menu/create", "创建菜单", "menus"),
    ("/cgi-bin/menu/addconditional", "创建个性化菜单", "conditional menus"),
    ("/cgi-bin/media/upload", "上传临时素材", "media uploads"),
)
_AT_ONCE_MAX: Final = 4


async def ask_quotas(clients: OfficialAccountClients, tenant_id: TenantId, account_id: AccountId) -> Quotas:
    """Ask about every call in use.

    Raises:
        UnknownAccount: the brand has no such account.
    """
    client = await clients.client(tenant_id, account_id)
    slots = asyncio.Semaphore(_AT_ONCE_MAX)
    items = await asyncio.gather(*(_ask(client, slots, *call) for call in CALLS))
    return Quotas(items=tuple(items), asked_at=clients.clock.now())


async def _ask(
    client: OfficialAccountClient, slots: asyncio.Semaphore, path: str, name_zh: str, name_en: str
) -> Quota:
    async with slots:
        try:
            answer = await client.quota(path)
        except WechatError as error:
            return Quota(
                path=path,
                name_zh=name_zh,
                name_en=name_en,
                daily_limit=None,
                used=None,
                remain=None,
                error_zh=error.message_zh or error.message,
                error_en=error.message,
            )
    told = answer.quota
    return Quota(
        path=path,
        name_zh=name_zh,
        name_en=name_en,
        daily_limit=told.daily_limit,
        used=told.used,
        remain=told.remain,
        error_zh="",
        error_en="",
    )
