"""What is left today of the calls in use, as the platform counts."""

import asyncio
from typing import Final

from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.health.contracts import Quota, Quotas
from quanyu.wechat.client import PlatformClient
from quanyu.wechat.errors import WechatError
from quanyu.wechat.mini_program.client import MiniProgramClient

_OFFICIAL_ACCOUNT: Final = (
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
_MINI_PROGRAM: Final = (
    ("/cgi-bin/message/subscribe/send", "订阅消息", "subscribe messages"),
    ("/cgi-bin/message/custom/send", "客服消息", "customer-service messages"),
    ("/wxa/business/getuserphonenumber", "手机号", "phone numbers"),
    ("/wxa/getwxacodeunlimit", "小程序码", "mini program codes"),
    ("/wxa/generate_urllink", "URL Link", "URL links"),
    ("/wxa/generatescheme", "URL Scheme", "URL schemes"),
    ("/wxa/genwxashortlink", "短链接", "short links"),
    ("/wxa/msg_sec_check", "文本安全检测", "text checks"),
    ("/wxa/media_check_async", "音视频安全检测", "media checks"),
    ("/wxa/sec/order/upload_shipping_info", "发货信息", "shipping information"),
)
_AT_ONCE_MAX: Final = 4


async def ask_quotas(clients: AccountClients, tenant_id: TenantId, account_id: AccountId) -> Quotas:
    """Ask about every call in use.

    Raises:
        UnknownAccount: the brand has no such account.
    """
    client = await clients.any(tenant_id, account_id)
    calls = _MINI_PROGRAM if isinstance(client, MiniProgramClient) else _OFFICIAL_ACCOUNT
    slots = asyncio.Semaphore(_AT_ONCE_MAX)
    items = await asyncio.gather(*(_ask(client, slots, *call) for call in calls))
    return Quotas(items=tuple(items), asked_at=clients.clock.now())


async def _ask(
    client: PlatformClient, slots: asyncio.Semaphore, path: str, name_zh: str, name_en: str
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
