"""Carrying group welcomes to the platform.

The row is there before the call. There is no list of templates: one whose answer was lost counts as used
up, and is made anew.
"""

import asyncio
from datetime import timedelta
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.pacing import is_about_pace, retry_at
from quanyu.modules.community.ports import Corps
from quanyu.modules.community.welcomes.contracts import GroupImageCard, GroupLinkCard, GroupMiniProgramCard
from quanyu.modules.community.welcomes.queries import KeptWelcome, WelcomeQueries
from quanyu.wechat.errors import OutcomeUnknown, PlatformRefusal, WechatError
from quanyu.wechat.refusals import Action
from quanyu.wechat.wecom import attachments, welcome
from quanyu.wechat.wecom.client import WeComClient

_log = get_logger("community.welcomes")
_CLAIM: Final = timedelta(minutes=2)
_UNKNOWN: Final = frozenset({40058, 41052})


class WelcomeKeeper:
    """Makes, edits and deletes templates."""

    def __init__(self, uows: UnitOfWorkFactory, corps: Corps) -> None:
        self._uows = uows
        self._corps = corps

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="community.welcomes_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Take one due welcome; return how many were due."""
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            until = now + business_span(uow.clock, _CLAIM)
            kept = await WelcomeQueries(uow).claim(now=now, until=until)
        if kept is None:
            return 0
        try:
            client = await self._corps.client(tenant_id, kept.corp_id)
            if kept.state == "deleting":
                await self._delete(tenant_id, client, kept)
            else:
                await self._save(tenant_id, client, kept)
        except (WechatError, NotFound) as error:
            await self._refused(tenant_id, kept, error)
        return 1

    async def _save(self, tenant_id: TenantId, client: WeComClient, kept: KeptWelcome) -> None:
        content = _content(kept)
        agent_id = client.agent_id or None
        if kept.template_id:
            template_id = kept.template_id
            request = welcome.EditTemplateRequest(
                template_id=template_id,
                text=content.text,
                image=content.image,
                link=content.link,
                miniprogram=content.miniprogram,
                agentid=agent_id,
            )
            await client.call(welcome.EDIT_TEMPLATE, request)
        else:
            added = welcome.AddTemplateRequest(
                notify=1 if kept.notify else 0,
                text=content.text,
                image=content.image,
                link=content.link,
                miniprogram=content.miniprogram,
                agentid=agent_id,
            )
            template_id = (await client.call(welcome.ADD_TEMPLATE, added)).template_id
        async with self._uows.system(tenant_id) as uow:
            await WelcomeQueries(uow).saved(kept, template_id)

    async def _delete(self, tenant_id: TenantId, client: WeComClient, kept: KeptWelcome) -> None:
        request = welcome.DeleteTemplateRequest(template_id=kept.template_id, agentid=client.agent_id or None)
        try:
            await client.call(welcome.DELETE_TEMPLATE, request)
        except PlatformRefusal as error:
            if error.errcode not in _UNKNOWN:  # It is gone: an earlier answer was lost.
                raise
        async with self._uows.system(tenant_id) as uow:
            await WelcomeQueries(uow).gone(kept)

    async def _refused(self, tenant_id: TenantId, kept: KeptWelcome, error: WechatError | NotFound) -> None:
        _log.warning("community.welcome_refused", welcome_id=kept.welcome_id, error=str(error))
        is_final = isinstance(error, NotFound) or (
            isinstance(error, PlatformRefusal) and error.action is Action.GIVE_UP and not is_about_pace(error)
        )
        reason = str(error.errcode) if isinstance(error, PlatformRefusal) else error.code
        async with self._uows.system(tenant_id) as uow:
            again_at = None
            if isinstance(error, WechatError) and not is_final:
                again_at = retry_at(error, uow.clock.now(), attempts=kept.attempts)
            is_lost = isinstance(error, OutcomeUnknown) and not kept.template_id
            await WelcomeQueries(uow).refused(kept, reason, again_at=again_at, is_lost=is_lost)


def _content(kept: KeptWelcome) -> welcome.GroupContent:
    text = attachments.Text(kept.draft.text) if kept.draft.text else None
    match kept.draft.card:
        case GroupLinkCard() as card:
            link = attachments.Link(
                title=card.title, url=card.url, picurl=card.picture_url, desc=card.description
            )
            return welcome.GroupContent(text=text, link=link)
        case GroupImageCard() as card:
            return welcome.GroupContent(text=text, image=attachments.Image(pic_url=card.url))
        case GroupMiniProgramCard() as card:
            shown = attachments.ShownMiniProgram(
                title=card.title, pic_media_id=card.media_id, appid=card.app_id, page=card.page
            )
            return welcome.GroupContent(text=text, miniprogram=shown)
        case None:
            return welcome.GroupContent(text=text)
