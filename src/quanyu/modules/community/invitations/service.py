"""Inviting chosen customers into groups (标签建群): preview, start, remind, stop, report."""

import secrets
from collections import Counter
from collections.abc import Sequence
from typing import Final

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, TenantId, decode_id, encode_id, new_id
from quanyu.modules.community.codes.contracts import CodeId, GroupCodeState
from quanyu.modules.community.codes.queries import CodeQueries, KeptCode
from quanyu.modules.community.codes.service import read_code_id
from quanyu.modules.community.errors import (
    InvitationRefused,
    RemindedEnough,
    UnknownCode,
    UnknownInvitation,
)
from quanyu.modules.community.invitations import rules
from quanyu.modules.community.invitations.contracts import (
    AUDIENCE_MAX,
    INVITATION_PREFIX,
    Audience,
    Excluded,
    Invitation,
    InvitationDraft,
    InvitationId,
    InvitationPreview,
    Invitations,
    InvitationState,
    SendState,
    StaffSend,
    StaffSends,
    StaffShare,
)
from quanyu.modules.community.invitations.queries import (
    InvitationQueries,
    KeptInvitation,
    KeptInvitee,
    KeptSend,
)
from quanyu.modules.community.invitations.rules import Choice
from quanyu.modules.community.invitations.sending import InvitationSender
from quanyu.modules.community.ports import CorpRef, Corps, CustomerRelations, Relation, SegmentMembers
from quanyu.wechat.wecom.mass_messages import CUSTOMERS_MAX

_SEND_PREFIX: Final = "gis"
_OPEN: Final = (InvitationState.SENDING, InvitationState.WAITING)


def read_invitation_id(text: str) -> InvitationId:
    """Read an id as shown outside (``giv_…``).

    Raises:
        InvalidId: it is none.
    """
    return InvitationId(decode_id(INVITATION_PREFIX, text))


class GroupInvitations:
    """Plans invitations and reports on them; ``InvitationSender`` carries them out."""

    def __init__(
        self,
        keyring: KeyRing,
        corps: Corps,
        relations: CustomerRelations,
        segments: SegmentMembers,
        sender: InvitationSender,
    ) -> None:
        self._keyring = keyring
        self._corps = corps
        self._relations = relations
        self._segments = segments
        self._sender = sender

    async def send_of(self, uow: UnitOfWork, mark: str) -> int | None:
        """Return which message a link came from."""
        return await InvitationQueries(uow).send_of(mark)

    async def list_invitations(self, uow: UnitOfWork) -> Invitations:
        """Return the brand's invitations, newest first."""
        kept = await InvitationQueries(uow).list_all()
        return Invitations(items=tuple([await self._shown(uow, one) for one in kept]))

    async def get(self, uow: UnitOfWork, invitation_id: InvitationId) -> Invitation:
        """Return one invitation.

        Raises:
            UnknownInvitation
        """
        return await self._shown(uow, await self._get(uow, invitation_id))

    async def preview(self, uow: UnitOfWork, draft: InvitationDraft) -> InvitationPreview:
        """Return who would be invited by whom now, and who is left out and why; nothing is kept.

        Raises:
            UnknownCode, SegmentNotFound
        """
        code, corp = await self._code(uow, draft)
        choices = await self._choose(uow, code, corp, draft.audience)
        staff = Counter(one.relation.userid for one in choices if not one.excluded)
        excluded = Counter(one.excluded for one in choices if one.excluded)
        return InvitationPreview(
            customers=len({one.relation.person_id or one.relation.token for one in choices}),
            invited=sum(staff.values()),
            excluded=_excluded(excluded),
            staff=tuple(StaffShare(userid=userid, count=count) for userid, count in staff.most_common()),
        )

    async def create(self, uow: UnitOfWork, draft: InvitationDraft) -> Invitation:
        """Keep a draft.

        Raises:
            UnknownCode
        """
        code, corp = await self._code(uow, draft)
        kept = KeptInvitation(
            invitation_id=InvitationId(new_id()),
            corp_id=corp.account_id,
            code_id=code.code_id,
            draft=draft,
            state=InvitationState.DRAFT,
            created_at=uow.clock.now(),
        )
        await InvitationQueries(uow).insert(kept)
        return await self._shown(uow, kept)

    async def start(self, uow: UnitOfWork, invitation_id: InvitationId) -> Invitation:
        """Resolve the audience, keep who is invited by whom, and have members asked. Once.

        Raises:
            UnknownInvitation
            InvitationRefused: it was started before, nobody is left to invite, or its code is not in use.
        """
        kept = await self._get(uow, invitation_id)
        code, corp = await self._code(uow, kept.draft)
        if code.state is not GroupCodeState.ACTIVE:
            raise InvitationRefused("the group code is not in use", message_zh="群活码未启用")
        queries = InvitationQueries(uow)
        if not await queries.move(invitation_id, [InvitationState.DRAFT], InvitationState.SENDING):
            raise InvitationRefused("it was started before", message_zh="该邀请已经开始")
        choices = await self._choose(uow, code, corp, kept.draft.audience)
        sends, invitees = self._planned(invitation_id, choices)
        if not sends:
            raise InvitationRefused("nobody is left to invite", message_zh="没有可邀请的客户")
        await queries.plan(invitation_id, sends, invitees)
        return await self.get(uow, invitation_id)

    async def stop(self, uow: UnitOfWork, invitation_id: InvitationId) -> Invitation:
        """Take back what members have not confirmed. Idempotent.

        Raises:
            UnknownInvitation
        """
        await self._get(uow, invitation_id)
        queries = InvitationQueries(uow)
        if await queries.move(invitation_id, [*_OPEN, InvitationState.DRAFT], InvitationState.STOPPED):
            await queries.stop_sends(invitation_id)
        return await self.get(uow, invitation_id)

    async def sends(self, uow: UnitOfWork, invitation_id: InvitationId) -> StaffSends:
        """Return how far each member is.

        Raises:
            UnknownInvitation
        """
        kept = await self._get(uow, invitation_id)
        queries = InvitationQueries(uow)
        joined = await queries.joined(invitation_id, await _groups_of(uow, kept.code_id))
        return StaffSends(
            items=tuple(
                StaffSend(
                    id=encode_id(_SEND_PREFIX, send.send_id),
                    userid=send.userid,
                    state=send.state,
                    invitees=invitees,
                    sent=sent,
                    joined=joined.get(send.send_id, 0),
                    reminded=len(send.reminded_at),
                    reminded_at=max(send.reminded_at, default=None),
                    confirmed_at=send.confirmed_at,
                    reason=send.reason,
                )
                for send, invitees, sent in await queries.sends(invitation_id)
            )
        )

    async def sends_to_remind(
        self, uow: UnitOfWork, invitation_id: InvitationId, send: str = ""
    ) -> tuple[int, tuple[KeptSend, ...]]:
        """Return the corp and the unconfirmed messages that may be brought to mind now.

        Raises:
            UnknownInvitation
            RemindedEnough: three times in 24 hours is all the platform allows.
        """
        kept = await self._get(uow, invitation_id)
        waiting = [
            one
            for one, _, _ in await InvitationQueries(uow).sends(invitation_id)
            if one.state is SendState.WAITING and send in ("", encode_id(_SEND_PREFIX, one.send_id))
        ]
        now = uow.clock.now()
        allowed = tuple(one for one in waiting if rules.may_remind(one.reminded_at, now))
        if waiting and not allowed:
            raise RemindedEnough(
                "members can be reminded of a message three times in 24 hours",
                message_zh="同一任务 24 小时内最多提醒 3 次",
            )
        return kept.corp_id, allowed

    async def remind(self, tenant_id: TenantId, corp_id: int, sends: Sequence[KeptSend]) -> int:
        """Bring messages to their members' minds; return how many the platform did."""
        client = await self._corps.client(tenant_id, corp_id)
        return sum([await self._sender.remind(tenant_id, client, one) for one in sends])

    async def _get(self, uow: UnitOfWork, invitation_id: InvitationId) -> KeptInvitation:
        kept = await InvitationQueries(uow).find(invitation_id)
        if kept is None:
            raise UnknownInvitation("the brand has no such invitation", message_zh="没有这个入群邀请")
        return kept

    async def _code(self, uow: UnitOfWork, draft: InvitationDraft) -> tuple[KeptCode, CorpRef]:
        code = await CodeQueries(uow).find(read_code_id(draft.code))
        corps = {corp.account_id: corp for corp in await self._corps.list(uow)}
        if code is None or code.corp_id not in corps:
            raise UnknownCode("the brand has no such group code", message_zh="没有这个群活码")
        return code, corps[code.corp_id]

    async def _choose(
        self, uow: UnitOfWork, code: KeptCode, corp: CorpRef, audience: Audience
    ) -> tuple[Choice, ...]:
        relations = await self._audience(uow, corp, audience)
        groups = await _groups_of(uow, code.code_id)
        tokens, people = await InvitationQueries(uow).inside(groups)
        return rules.choose(relations, tokens_inside=tokens, people_inside=people)

    async def _audience(self, uow: UnitOfWork, corp: CorpRef, audience: Audience) -> Sequence[Relation]:
        match audience.kind:
            case "all":
                return await self._relations.of_all(uow, corp, limit=AUDIENCE_MAX)
            case "tags":
                return await self._relations.with_tags(uow, corp, audience.tags, limit=AUDIENCE_MAX)
            case "segment":
                members = await self._segments.members(uow, audience.segment)
                people = [PersonId(one) for one in members]
            case "people":
                people = [PersonId(decode_id("per", one)) for one in audience.people]
        return await self._relations.of_people(uow, corp, people, limit=AUDIENCE_MAX)

    def _planned(
        self, invitation_id: InvitationId, choices: Sequence[Choice]
    ) -> tuple[list[KeptSend], list[KeptInvitee]]:
        sends: dict[tuple[str, int], KeptSend] = {}
        counted: Counter[str] = Counter()
        invitees = []
        for one in choices:
            send_id = None
            if not one.excluded:
                part = (one.relation.userid, counted[one.relation.userid] // CUSTOMERS_MAX)
                counted[one.relation.userid] += 1
                if part not in sends:
                    sends[part] = KeptSend(
                        send_id=new_id(),
                        invitation_id=invitation_id,
                        userid=part[0],
                        mark=secrets.token_hex(8),
                    )
                send_id = sends[part].send_id
            invitees.append(
                KeptInvitee(
                    token=one.relation.token,
                    userid=one.relation.userid,
                    send_id=send_id,
                    person_id=one.relation.person_id,
                    external_sealed=self._keyring.seal(one.relation.external_userid.encode()),
                    excluded=one.excluded,
                )
            )
        return list(sends.values()), invitees

    async def _shown(self, uow: UnitOfWork, kept: KeptInvitation) -> Invitation:
        queries = InvitationQueries(uow)
        counts = await queries.counts(kept.invitation_id)
        sends = [send for send, _, _ in await queries.sends(kept.invitation_id)]
        joined = await queries.joined(kept.invitation_id, await _groups_of(uow, kept.code_id))
        corps = {corp.account_id: corp.id for corp in await self._corps.list(uow)}
        return Invitation(
            id=encode_id(INVITATION_PREFIX, kept.invitation_id),
            corp_id=corps.get(kept.corp_id, ""),
            draft=kept.draft,
            state=kept.state,
            invited=sum(counts.values()) - counts.get("excluded", 0),
            excluded=_excluded(Counter(dict(await queries.excluded(kept.invitation_id)))),
            confirmed_staff=sum(one.state is SendState.CONFIRMED for one in sends),
            staff=len(sends),
            sent=counts.get("sent", 0),
            not_friend=counts.get("not_friend", 0),
            over_quota=counts.get("quota", 0),
            visited=await queries.visited(kept.invitation_id),
            joined=sum(joined.values()),
            created_at=kept.created_at,
            started_at=kept.started_at,
            ended_at=kept.ended_at,
        )


async def _groups_of(uow: UnitOfWork, code_id: int) -> list[int]:
    targets = (await CodeQueries(uow).targets([CodeId(code_id)]))[CodeId(code_id)]
    return sorted({group_id for one in targets for group_id in one.group_ids})


def _excluded(found: Counter[str]) -> tuple[Excluded, ...]:
    return tuple(Excluded(reason=reason, count=count) for reason, count in sorted(found.items()))
