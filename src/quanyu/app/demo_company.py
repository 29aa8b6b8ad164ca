"""What the simulated brand has set up at 企业微信, made once: tags, live codes, welcomes."""

import asyncio
from datetime import time
from typing import TYPE_CHECKING, Final

from quanyu.app.demo_credentials import NAME
from quanyu.infra.telemetry import get_logger
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import decode_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.syncs.contracts import SyncKind
from quanyu.modules.channels.syncs.service import AccountSyncs
from quanyu.modules.staff.codes.contracts import (
    DutyPlan,
    LiveCode,
    LiveCodeMember,
    NewLiveCode,
    Place,
    PlaceKind,
    WeeklyDuty,
)
from quanyu.modules.staff.directory.contracts import Member
from quanyu.modules.staff.tags.contracts import NewTags
from quanyu.modules.staff.welcomes.contents import LinkPart, WelcomeContent
from quanyu.modules.staff.welcomes.contracts import Scope, WelcomeDraft, WelcomeSlot, WelcomeVariant

if TYPE_CHECKING:
    from quanyu.app.platform import Platform

_log = get_logger("demo.company")

TAGS: Final = {
    "来源": ("门店海报", "包裹卡"),
    "口味": ("乌龙", "绿茶", "红茶", "点心"),
    "等级": ("新客", "常客"),
}
_SHOP: Final = "https://shop.qingshan.example/"
_STAFF_WANTED: Final = 8
_TRY_EVERY_S: Final = 2.0
_WHOLE_WEEK: Final = (0, 1, 2, 3, 4, 5, 6)


async def furnish_company(platform: "Platform", corp: str) -> None:
    """Give the company its tags, codes and welcomes, unless it has some; waits until its staff is known.

    Meant to run beside everything else: what fails is logged, and made at the next start.
    """
    try:
        await _furnish(platform, corp)
    except AppError as error:
        _log.warning("demo.company_not_furnished", error=type(error).__name__, detail=str(error)[:200])


async def _furnish(platform: "Platform", corp: str) -> None:
    services, tenant_id = platform.services, platform.brand.tenant_id
    corp_id = AccountId(decode_id("wcp", corp))
    async with services.uows.app(tenant_id) as uow:
        if (await services.welcomes.welcomes.list_rules(uow, corp_id)).items:
            return
        await AccountSyncs().start(uow, corp_id, SyncKind.STAFF)
    staff = await _staff(platform, corp_id)
    tags: dict[str, str] = {}
    for group, names in TAGS.items():
        command = NewTags(corp=corp, group_name=group, names=names)
        made = await services.staff.tags.create(tenant_id, corp_id, command)
        tags |= {tag.name: tag.id for tag in made.tags}
    async with services.uows.app(tenant_id) as uow:
        codes = [
            await services.staff.codes.desk.create(uow, corp_id, command, actor="demo")
            for command in (_store_code(corp, staff, tags), _parcel_code(corp, staff, tags))
        ]
        for rule in _welcomes(corp, codes):
            await services.welcomes.welcomes.create(uow, rule)


async def _staff(platform: "Platform", corp_id: AccountId) -> list[Member]:
    """Wait for the staff who may serve, in a steady order."""
    while True:
        async with platform.services.uows.app(platform.brand.tenant_id) as uow:
            known = await platform.services.staff.directory.members(uow, corp_id)
        serving = sorted((one for one in known if one.can_serve), key=lambda one: one.userid)
        if len(serving) >= _STAFF_WANTED:
            return serving
        await asyncio.sleep(_TRY_EVERY_S)


def _store_code(corp: str, staff: list[Member], tags: dict[str, str]) -> NewLiveCode:
    """The poster in the shops: three guides by weight in opening hours, customer service behind them."""
    guides = [one.userid for one in staff[:3]]
    opening = WeeklyDuty(weekdays=_WHOLE_WEEK, start=time(9), end=time(22), userids=tuple(guides))
    weights = (3, 2, 1)
    return NewLiveCode(
        corp=corp,
        name="门店海报 · 导购",
        members=tuple(
            LiveCodeMember(userid=userid, weight=weight, daily_cap=40)
            for userid, weight in zip(guides, weights, strict=True)
        ),
        schedule=DutyPlan(weekly=(opening,), otherwise=()),
        backup=(LiveCodeMember(userid=staff[3].userid),),
        fallback=Place(kind=PlaceKind.LINK, url=_SHOP),
        tags=(tags["门店海报"], tags["新客"]),
        source="门店海报",
        store="静安店",
    )


def _parcel_code(corp: str, staff: list[Member], tags: dict[str, str]) -> NewLiveCode:
    """The card in each parcel: customer service, whoever is there."""
    return NewLiveCode(
        corp=corp,
        name="包裹卡 · 客服",
        members=tuple(LiveCodeMember(userid=one.userid, daily_cap=60) for one in staff[4:8]),
        fallback=Place(kind=PlaceKind.LINK, url=_SHOP),
        tags=(tags["包裹卡"],),
        source="包裹卡",
        campaign="复购",
    )


def _welcomes(corp: str, codes: list[LiveCode]) -> list[WelcomeDraft]:
    card = LinkPart(
        title="新客礼 · 首单立减 10 元", description="本周到店与线上都可以用", url=f"{_SHOP}coupons/welcome"
    )
    hello = f"{{{{ name }}}}，您好！我是{NAME}的{{{{ staff }}}}，想喝什么茶随时问我。"
    thanks = "{{ name }}，感谢您的订单！茶点若有任何问题，{{ staff }}马上为您处理。"
    plain = "您好，欢迎来到青山茶食！想喝什么茶随时问我。"
    return [
        WelcomeDraft(
            name="默认欢迎语",
            corp=corp,
            scope=Scope.CORP,
            slots=(WelcomeSlot(name="平时", variants=_one("默认", hello, plain)),),
        ),
        WelcomeDraft(
            name="门店海报欢迎语",
            corp=corp,
            scope=Scope.CODE,
            targets=(codes[0].row.id,),
            slots=(
                WelcomeSlot(
                    name="平时",
                    variants=(*_one("有券", hello, plain, card), *_one("无券", hello, plain)),
                ),
            ),
        ),
        WelcomeDraft(
            name="包裹卡欢迎语",
            corp=corp,
            scope=Scope.CODE,
            targets=(codes[1].row.id,),
            slots=(WelcomeSlot(name="平时", variants=_one("默认", thanks, plain)),),
        ),
    ]


def _one(name: str, text: str, fallback: str, *parts: LinkPart) -> tuple[WelcomeVariant, ...]:
    content = WelcomeContent(text=text, parts=parts, fallback=fallback)
    return (WelcomeVariant(name=name, content=content),)
