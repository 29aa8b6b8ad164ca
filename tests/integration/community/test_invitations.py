"""Inviting customers into groups, and group welcomes, against the platform: GC-7, MS-2, MS-3, MS-5, MS-6."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from contract.wecom.corp import Corp
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId, encode_id
from quanyu.modules.community.codes.contracts import GroupStandby, NewGroupCode, WayDraft
from quanyu.modules.community.codes.service import GroupCodeDesk
from quanyu.modules.community.codes.ways import WayKeeper
from quanyu.modules.community.errors import InvitationRefused, RemindedEnough
from quanyu.modules.community.groups.fetcher import GroupFetcher
from quanyu.modules.community.groups.keeping import customer_token
from quanyu.modules.community.groups.subscribers import GroupSubscriber
from quanyu.modules.community.invitations.contracts import (
    Audience,
    Invitation,
    InvitationDraft,
    InvitationState,
)
from quanyu.modules.community.invitations.sending import InvitationSender
from quanyu.modules.community.invitations.service import GroupInvitations, read_invitation_id
from quanyu.modules.community.ports import CorpRef, Relation
from quanyu.modules.community.welcomes.contracts import GroupLinkCard, GroupWelcomeDraft, NewGroupWelcome
from quanyu.modules.community.welcomes.keeper import WelcomeKeeper
from quanyu.modules.community.welcomes.service import GroupWelcomeDesk, read_welcome_id
from quanyu.wechat.wecom import welcome
from quanyu.wechat.wecom.attachments import Text
from quanyu.wechat.wecom.client import WeComClient
from support.processes import SEEN_LIMIT_S

from .conftest import Event, OneCorp
from .test_groups import brand, open_group

CREATE = "/cgi-bin/externalcontact/add_msg_template"


class Customers:
    """``ports.CustomerRelations`` and segments, with whoever the test adds."""

    def __init__(self) -> None:
        self.known: list[Relation] = []

    async def of_all(self, uow: UnitOfWork, corp: CorpRef, *, limit: int) -> Sequence[Relation]:
        return self.known[:limit]

    async def with_tags(
        self, uow: UnitOfWork, corp: CorpRef, tag_ids: Sequence[str], *, limit: int
    ) -> Sequence[Relation]:
        return self.known[:limit]

    async def of_people(
        self, uow: UnitOfWork, corp: CorpRef, person_ids: Sequence[PersonId], *, limit: int
    ) -> Sequence[Relation]:
        return [one for one in self.known if one.person_id in person_ids][:limit]

    async def members(self, uow: UnitOfWork, segment_id: str) -> Sequence[int]:
        return []

    async def contains(self, uow: UnitOfWork, segment_id: str, person_id: PersonId) -> bool:
        return False


class Scene:
    """A group with a code, customers outside it, and what carries invitations to them."""

    def __init__(
        self,
        corp: Corp,
        uows: UnitOfWorkFactory,
        tenant_id: TenantId,
        clock: FixedClock,
        key_ring: KeyRing,
        corps: OneCorp,
    ) -> None:
        self.corp, self.uows, self.tenant_id, self.clock = corp, uows, tenant_id, clock
        self.customers = Customers()
        self._key_ring = key_ring
        self._subscriber = GroupSubscriber(corps)
        self._ways = WayKeeper(uows, corps)
        self._fetcher = GroupFetcher(uows, key_ring, corps, self._ways)
        self.desk = GroupCodeDesk(corps, brand, public_url="https://brand.example.com")
        self.sender = InvitationSender(uows, key_ring, corps, self.desk.page_url)
        self.invitations = GroupInvitations(key_ring, corps, self.customers, self.customers, self.sender)
        self.chat = self.code = self.owner = ""

    async def begin(self, inside: int, *outside: int) -> "Scene":
        self.owner, *_ = await self.corp.staff()
        self.chat = await open_group(self.corp, self.owner, inside)
        await self.settle()
        async with self.uows.system(self.tenant_id) as uow:
            rows = await uow.execute(
                "SELECT id FROM customer_group WHERE tenant_id = :t", {"t": self.tenant_id}
            )
            group = encode_id("grp", rows.scalar_one())
        command = NewGroupCode(
            name="茶友群",
            targets=(WayDraft(name="店", groups=(group,), auto_create=False),),
            standby=GroupStandby(kind="url", url="https://brand.example.com"),
        )
        async with self.uows.app(self.tenant_id) as uow:
            self.code = (await self.desk.create(uow, command)).id
        await self.settle()
        for person in (inside, *outside):
            await self.know(person, self.owner)
        return self

    async def know(self, person: int, userid: str) -> None:
        external = await self.corp.add(person, userid)
        self.customers.known.append(
            Relation(
                userid=userid,
                token=customer_token(self._key_ring, self.corp.id, external),
                external_userid=external,
                person_id=PersonId(1_000 + person),
                added_at=self.clock.now(),
                can_send=True,
            )
        )

    async def settle(self) -> None:
        event = Event("wechat.wecom.group_changed", {"app": self.corp.id, "group": self.chat})
        async with self.uows.system(self.tenant_id) as uow:
            await self._subscriber.apply(uow, [event], None)
        self.clock.advance(timedelta(seconds=2))
        while await self._fetcher.run_once(self.tenant_id) or await self._ways.run_once(self.tenant_id):
            self.clock.advance(timedelta(seconds=2))

    def draft(self, **more: Any) -> InvitationDraft:
        audience = Audience(kind="all")
        return InvitationDraft(
            name="邀请茶友", code=self.code, text="来品茶吧", **({"audience": audience} | more)
        )

    async def start(self, **more: Any) -> Invitation:
        async with self.uows.app(self.tenant_id) as uow:
            made = await self.invitations.create(uow, self.draft(**more))
            await self.invitations.start(uow, read_invitation_id(made.id))
        await self.work()
        return await self.look(made)

    async def work(self) -> None:
        while await self.sender.run_once(self.tenant_id):
            pass

    async def look(self, one: Invitation) -> Invitation:
        async with self.uows.app(self.tenant_id) as uow:
            return await self.invitations.get(uow, read_invitation_id(one.id))

    async def tasks(self, expected: int) -> list[dict[str, Any]]:
        """Wait until the owner has so many messages to send; the platform hands them out after seconds."""
        async with asyncio.timeout(SEEN_LIMIT_S):
            while True:
                found = (await self.corp.control("GET", f"/staff/{self.owner}/tasks"))["messages"]
                if len(found) >= expected:
                    assert len(found) == expected
                    return list(found)
                await asyncio.sleep(0.1)

    async def until_polled(self, one: Invitation, state: InvitationState) -> Invitation:
        """Look again and again, as time goes by."""
        for _ in range(40):
            self.clock.advance(timedelta(minutes=2))
            await self.work()
            shown = await self.look(one)
            if shown.state is state:
                return shown
        raise AssertionError(f"never {state}: {shown}")


@pytest.fixture
async def scene(
    corp: Corp,
    uows: UnitOfWorkFactory,
    tenant_id: TenantId,
    now: FixedClock,
    key_ring: KeyRing,
    corps: OneCorp,
) -> Scene:
    await corp.control("POST", "/reset")
    await corp.control("DELETE", "/faults")
    return Scene(corp, uows, tenant_id, now, key_ring, corps)


async def test_from_preview_to_who_joined(scene: Scene) -> None:
    """GC-7: preview, exclusion, confirmation by staff, report of who joined afterwards."""
    await scene.begin(1, 2, 3)
    async with scene.uows.app(scene.tenant_id) as uow:
        preview = await scene.invitations.preview(uow, scene.draft())
    assert (preview.customers, preview.invited) == (3, 2)
    assert [(one.reason, one.count) for one in preview.excluded] == [("in_group", 1)]

    invitation = await scene.start()
    assert (invitation.state, invitation.invited, invitation.staff) == (InvitationState.WAITING, 2, 1)
    (task,) = await scene.tasks(1)
    await scene.corp.control("POST", f"/staff/{scene.owner}/tasks/{task['msgid']}/confirm")
    invitation = await scene.until_polled(invitation, InvitationState.DONE)

    assert (invitation.sent, invitation.confirmed_staff, invitation.joined) == (2, 1, 0)
    scene.clock.advance(timedelta(minutes=1))
    await scene.corp.control("POST", f"/groups/{scene.chat}/members", {"who": 2, "scene": 3})
    await scene.settle()
    assert (await scene.look(invitation)).joined == 1
    async with scene.uows.app(scene.tenant_id) as uow:
        (part,) = (await scene.invitations.sends(uow, read_invitation_id(invitation.id))).items
        assert (part.userid, part.sent, part.joined) == (scene.owner, 2, 1)
        with pytest.raises(InvitationRefused):
            await scene.invitations.start(uow, read_invitation_id(invitation.id))


@pytest.mark.parametrize("carry", ["link", "picture"])
async def test_a_lost_answer_is_looked_up_before_anything_is_sent_again(scene: Scene, carry: str) -> None:
    """MS-5: the message was taken; members are asked once."""
    await scene.begin(4, 5)
    await scene.corp.control("POST", "/faults", {"path": CREATE, "drop_after_effect": True, "times": 1})

    invitation = await scene.start(carry=carry)

    assert invitation.state is InvitationState.SENDING
    scene.clock.advance(timedelta(seconds=30))
    await scene.work()
    assert (await scene.look(invitation)).state is InvitationState.WAITING
    await scene.tasks(1)


async def test_what_never_arrived_is_sent_again(scene: Scene) -> None:
    """MS-5: the list surely lacks it."""
    await scene.begin(4, 5)
    await scene.corp.control("POST", "/faults", {"path": CREATE, "drop": True, "times": 1})

    invitation = await scene.start()
    for _ in range(10):
        scene.clock.advance(timedelta(seconds=30))
        await scene.work()

    assert (await scene.look(invitation)).state is InvitationState.WAITING
    await scene.tasks(1)


async def test_members_are_reminded_and_stopped(scene: Scene) -> None:
    """GC-7, MS-9: one by the policy, more by hand, never four in a day; then it is taken back."""
    await scene.begin(6, 7)
    invitation = await scene.start(remind_after_h=1, reminders=1)
    reference = read_invitation_id(invitation.id)
    await scene.tasks(1)
    scene.clock.advance(timedelta(hours=2))
    await scene.work()
    for expected in (2, 3):
        async with scene.uows.app(scene.tenant_id) as uow:
            corp_id, sends = await scene.invitations.sends_to_remind(uow, reference)
        assert await scene.invitations.remind(scene.tenant_id, corp_id, sends) == 1
        async with scene.uows.app(scene.tenant_id) as uow:
            (part,) = (await scene.invitations.sends(uow, reference)).items
            assert part.reminded == expected
    async with scene.uows.app(scene.tenant_id) as uow:
        with pytest.raises(RemindedEnough):
            await scene.invitations.sends_to_remind(uow, reference)
        assert (await scene.invitations.stop(uow, reference)).state is InvitationState.STOPPED

    await scene.work()

    async with scene.uows.app(scene.tenant_id) as uow:
        (part,) = (await scene.invitations.sends(uow, reference)).items
        assert (part.state, part.sent) == ("stopped", 0)


async def test_nobody_left_to_invite_starts_nothing(scene: Scene) -> None:
    await scene.begin(8)
    async with scene.uows.app(scene.tenant_id) as uow:
        made = await scene.invitations.create(uow, scene.draft())
    with pytest.raises(InvitationRefused):
        async with scene.uows.app(scene.tenant_id) as uow:
            await scene.invitations.start(uow, read_invitation_id(made.id))

    assert (await scene.look(made)).state is InvitationState.DRAFT
    await scene.tasks(0)


async def test_a_group_welcome_is_made_changed_and_deleted(
    uows: UnitOfWorkFactory, tenant_id: TenantId, corps: OneCorp, now: FixedClock, client: WeComClient
) -> None:
    desk, keeper = GroupWelcomeDesk(corps), WelcomeKeeper(uows, corps)
    command = NewGroupWelcome(
        name="品鉴群", text="欢迎 %NICKNAME%", card=GroupLinkCard(title="茶单", url="https://a.example.com")
    )
    async with uows.app(tenant_id) as uow:
        made = await desk.create(uow, command)
    assert await keeper.run_once(tenant_id) == 1
    async with uows.system(tenant_id) as uow:
        rows = await uow.execute(
            "SELECT template_id FROM group_welcome WHERE tenant_id = :t", {"t": tenant_id}
        )
        template = welcome.TemplateId(rows.scalar_one())
    shown = await client.call(welcome.GET_TEMPLATE, template)
    assert (shown.text and shown.text.content, shown.link and shown.link.title) == ("欢迎 %NICKNAME%", "茶单")

    async with uows.app(tenant_id) as uow:
        await desk.change(uow, read_welcome_id(made.id), GroupWelcomeDraft(name="品鉴群", text="你好"))
    await keeper.run_once(tenant_id)
    changed = await client.call(welcome.GET_TEMPLATE, template)
    assert changed.text == Text("你好")
    async with uows.app(tenant_id) as uow:
        (one,) = (await desk.list_welcomes(uow)).items
        assert one.state == "ready"
        await desk.delete(uow, read_welcome_id(made.id))
    await keeper.run_once(tenant_id)
    async with uows.app(tenant_id) as uow:
        assert (await desk.list_welcomes(uow)).used == 0
