"""Carrying invitations to the platform and following what members do with them.

One mass message for each member. The intent is committed before the call; when the answer is lost, the
message is looked up by the mark in its link, or by its picture, before it is sent again (MS-5). Results are
pulled with growing pauses for up to seven days (MS-6).
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from quanyu.infra.crypto import KeyRing
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.codes.service import draw
from quanyu.modules.channels.pacing import is_about_pace, retry_at
from quanyu.modules.community.codes.contracts import CodeId
from quanyu.modules.community.codes.queries import CodeQueries, KeptCode
from quanyu.modules.community.invitations import rules
from quanyu.modules.community.invitations.contracts import SendState
from quanyu.modules.community.invitations.queries import InvitationQueries, KeptInvitation, KeptSend
from quanyu.modules.community.invitations.send_queries import SendQueries
from quanyu.modules.community.ports import Corps
from quanyu.wechat.calls import File
from quanyu.wechat.errors import NotSent, OutcomeUnknown, PlatformRefusal, WechatError
from quanyu.wechat.refusals import Action
from quanyu.wechat.wecom import attachments, mass_messages, media
from quanyu.wechat.wecom.client import WeComClient

_log = get_logger("community.invitations")
_CLAIM: Final = timedelta(minutes=2)
_SLACK: Final = timedelta(minutes=5)
_SENT_TASK: Final = 2
_CANCELLED: Final = frozenset({41093, 41047})
_NOT_NOW: Final = 41094
_STATUSES: Final[Mapping[int, str]] = {0: "not_sent", 1: "sent", 2: "not_friend", 3: "quota"}


class PageUrl(Protocol):
    def __call__(self, token: str, /) -> str: ...


class InvitationSender:
    """Takes one member's message a step further at a time."""

    def __init__(self, uows: UnitOfWorkFactory, keyring: KeyRing, corps: Corps, page_url: PageUrl) -> None:
        self._uows = uows
        self._keyring = keyring
        self._corps = corps
        self._page_url = page_url

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="community.invitations_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Take one due message a step further; return how many were due."""
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            until = now + business_span(uow.clock, _CLAIM)
            send = await SendQueries(uow).claim(now=now, until=until)
            if send is None:
                return 0
            invitation = await InvitationQueries(uow).find(send.invitation_id)
            assert invitation is not None
            code = await CodeQueries(uow).find(CodeId(invitation.code_id))
            assert code is not None
        try:
            client = await self._corps.client(tenant_id, invitation.corp_id)
            await self._step(tenant_id, client, invitation, code, send)
        except (WechatError, NotFound) as error:
            await self._refused(tenant_id, send, error)
        async with self._uows.system(tenant_id) as uow:
            await SendQueries(uow).settle_invitation(send.invitation_id)
        return 1

    async def _step(
        self,
        tenant_id: TenantId,
        client: WeComClient,
        invitation: KeptInvitation,
        code: KeptCode,
        send: KeptSend,
    ) -> None:
        match send.state:
            case SendState.PLANNED:
                await self._send(tenant_id, client, invitation, code, send)
            case SendState.ASKED:
                await self._look_up(tenant_id, client, send)
            case SendState.STOPPING:
                await self._stop(tenant_id, client, send)
            case _:
                await self._poll(tenant_id, client, invitation, send)

    async def _send(
        self,
        tenant_id: TenantId,
        client: WeComClient,
        invitation: KeptInvitation,
        code: KeptCode,
        send: KeptSend,
    ) -> None:
        address = f"{self._page_url(code.token)}?i={send.mark}"
        media_id = ""
        if invitation.draft.carry == "picture":
            media_id = await _upload(client, address)
        async with self._uows.system(tenant_id) as uow:
            asked_at = uow.clock.now()
            await SendQueries(uow).asked(send, media_id=media_id)
            sealed = await SendQueries(uow).invitees(send)
        send = replace(send, state=SendState.ASKED, asked_at=asked_at)
        if not sealed:
            await self._end(tenant_id, send, SendState.FAILED, "nobody")
            return
        by_id = {self._keyring.open(one).decode(): token for token, one in sealed.items()}
        request = mass_messages.CreateRequest(
            external_userid=tuple(by_id),
            sender=send.userid,
            text=attachments.Text(invitation.draft.text),
            attachments=(_card(invitation, code, address, media_id),),
        )
        try:
            made = await client.call(mass_messages.CREATE, request)
        except OutcomeUnknown as error:
            if isinstance(error, NotSent):
                raise
            _log.warning("community.invitation_unknown", send_id=send.send_id, error=str(error))
            async with self._uows.system(tenant_id) as uow:
                await SendQueries(uow).again(send, after=rules.LOOK_UP_AGAIN, reason="no_answer")
            return
        except WechatError as error:
            # Refused, or it never left: it is planned again, or failed for good.
            async with self._uows.system(tenant_id) as uow:
                await SendQueries(uow).not_asked(send)
            raise error
        async with self._uows.system(tenant_id) as uow:
            await SendQueries(uow).taken(send, made.msgid, after=rules.next_poll(0))
            failed = [by_id[one] for one in made.fail_list if one in by_id]
            await SendQueries(uow).results(send, dict.fromkeys(failed, ("not_friend", None)))

    async def _look_up(self, tenant_id: TenantId, client: WeComClient, send: KeptSend) -> None:
        """Find a message whose answer was lost; only what the list surely lacks is sent again."""
        assert send.asked_at is not None
        now = self._uows.clock.now()
        msgid = await _find(client, send, now)
        async with self._uows.system(tenant_id) as uow:
            if msgid:
                await SendQueries(uow).taken(send, msgid, after=rules.next_poll(0))
            elif now >= send.asked_at + rules.SURELY_NOT_MADE:
                await SendQueries(uow).not_asked(send)
            else:
                await SendQueries(uow).again(send, after=rules.LOOK_UP_AGAIN, reason="no_answer")

    async def _poll(
        self, tenant_id: TenantId, client: WeComClient, invitation: KeptInvitation, send: KeptSend
    ) -> None:
        assert send.asked_at is not None
        now = self._uows.clock.now()
        tasks = await client.call(mass_messages.TASKS, mass_messages.TasksRequest(msgid=send.msgid))
        confirmed = next(
            (one for one in tasks.task_list if one.userid == send.userid and one.status == _SENT_TASK), None
        )
        if confirmed is not None:
            await self._results(tenant_id, client, send)
            at = datetime.fromtimestamp(confirmed.send_time, UTC) if confirmed.send_time else now
            await self._end(tenant_id, send, SendState.CONFIRMED, "", at=at)
        elif now >= send.asked_at + rules.GIVE_UP_AFTER:
            await self._end(tenant_id, send, SendState.EXPIRED, "not_confirmed")
        else:
            draft = invitation.draft
            if rules.is_reminder_due(
                send.asked_at,
                send.reminded_at,
                now,
                after_h=draft.remind_after_h,
                most=draft.reminders,
            ):
                await self.remind(tenant_id, client, send)
            async with self._uows.system(tenant_id) as uow:
                await SendQueries(uow).again(send, after=rules.next_poll(send.polls + 1), polled=True)

    async def remind(self, tenant_id: TenantId, client: WeComClient, send: KeptSend) -> bool:
        """Bring a message to its member's mind; return whether the platform did."""
        # Written first: a reminder whose answer is lost counts as made, so that none comes too often.
        async with self._uows.system(tenant_id) as uow:
            await SendQueries(uow).reminded(send)
        try:
            await client.call(mass_messages.REMIND, mass_messages.MessageId(send.msgid))
        except PlatformRefusal as error:
            if error.errcode != _NOT_NOW:
                raise
            return False
        return True

    async def _results(self, tenant_id: TenantId, client: WeComClient, send: KeptSend) -> None:
        cursor = ""
        while True:
            page = await client.call(
                mass_messages.RESULTS,
                mass_messages.ResultsRequest(
                    msgid=send.msgid, userid=send.userid, limit=1_000, cursor=cursor
                ),
            )
            async with self._uows.system(tenant_id) as uow:
                invitation = await InvitationQueries(uow).find(send.invitation_id)
                assert invitation is not None
                corps = {one.account_id: one.corp_id for one in await self._corps.list(uow)}
                found = {}
                for one in page.send_list:
                    corp_id = corps.get(invitation.corp_id, "")
                    token = self._keyring.blind("external_userid", corp_id, one.external_userid)
                    at = datetime.fromtimestamp(one.send_time, UTC) if one.send_time else None
                    found[token] = (_STATUSES.get(one.status, "failed"), at)
                await SendQueries(uow).results(send, found)
            cursor = page.next_cursor
            if not cursor:
                return

    async def _stop(self, tenant_id: TenantId, client: WeComClient, send: KeptSend) -> None:
        if not send.msgid:
            send = replace(send, msgid=await _find(client, send, self._uows.clock.now()))
        if send.msgid:
            try:
                await client.call(mass_messages.CANCEL, mass_messages.MessageId(send.msgid))
            except PlatformRefusal as error:
                if error.errcode not in _CANCELLED:
                    raise
            await self._results(tenant_id, client, send)
        await self._end(tenant_id, send, SendState.STOPPED, "")

    async def _end(
        self,
        tenant_id: TenantId,
        send: KeptSend,
        state: SendState,
        reason: str,
        *,
        at: datetime | None = None,
    ) -> None:
        async with self._uows.system(tenant_id) as uow:
            await SendQueries(uow).end(send, state, reason=reason, confirmed_at=at)

    async def _refused(self, tenant_id: TenantId, send: KeptSend, error: WechatError | NotFound) -> None:
        _log.warning("community.invitation_refused", send_id=send.send_id, error=str(error))
        reason = str(error.errcode) if isinstance(error, PlatformRefusal) else error.code
        is_final = isinstance(error, NotFound) or (
            isinstance(error, PlatformRefusal) and error.action is Action.GIVE_UP and not is_about_pace(error)
        )
        if is_final:
            await self._end(tenant_id, send, SendState.FAILED, reason)
            return
        assert isinstance(error, WechatError)
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            at = retry_at(error, now, attempts=send.attempts)
            await SendQueries(uow).again(send, after=at - now, reason=reason)


async def _upload(client: WeComClient, address: str) -> str:
    picture, media_type = draw(address, "png", scale=10)
    request = media.UploadRequest(type="image", media=File(picture, "group.png", media_type))
    return (await client.call(media.UPLOAD, request)).media_id


def _card(
    invitation: KeptInvitation, code: KeptCode, address: str, media_id: str
) -> attachments.AnyAttachment:
    if media_id:
        return attachments.ImageAttachment(attachments.Image(media_id=media_id))
    title = invitation.draft.title or code.name
    return attachments.LinkAttachment(attachments.Link(title=title, url=address, desc=code.notice[:100]))


async def _find(client: WeComClient, send: KeptSend, now: datetime) -> str:
    """Return the message that carries our mark or our picture; empty if there is none."""
    asked_at, cursor = send.asked_at or now, ""
    while True:
        page = await client.call(
            mass_messages.LIST,
            mass_messages.ListRequest(
                chat_type="single",
                start_time=int((asked_at - _SLACK).timestamp()),
                end_time=int((now + _SLACK).timestamp()),
                filter_type=0,
                limit=100,
                cursor=cursor,
            ),
        )
        for one in page.group_msg_list:
            if any(_is_ours(part, send) for part in one.attachments):
                return one.msgid
        cursor = page.next_cursor
        if not cursor:
            return ""


def _is_ours(part: attachments.ShownAttachment, send: KeptSend) -> bool:
    if part.link is not None and part.link.url.endswith(f"?i={send.mark}"):
        return True
    return bool(send.media_id) and part.image is not None and part.image.media_id == send.media_id
