"""A mini program of the sandbox around the real module: people accept, other software sends, we send."""

from dataclasses import dataclass, field, replace
from typing import Any

from contract.mini_program.conftest import MiniProgram
from contract.mini_program.test_messages import own_template, values_of
from integration.messaging.world import ACCOUNT, Reachable, World
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.messaging.adapters import MiniProgramSender
from quanyu.modules.messaging.contracts import MessageClass, MessageKind, PlanMessage, PlannedMessage
from quanyu.modules.messaging.credit_subscriber import CreditSubscriber
from quanyu.modules.messaging.ports import SendUnknown
from quanyu.wechat.mini_program import subscribe_messages


@dataclass
class Shop:
    """One template of one mini program."""

    world: World
    mini: MiniProgram
    template_id: str = ""
    values: dict[str, str] = field(default_factory=dict)
    openids: dict[int, str] = field(default_factory=dict)
    loses_answers: bool = False

    async def open(self) -> "Shop":
        template = await own_template(self.mini.client)
        self.template_id = template.priTmplId
        self.values = {name: value.value for name, value in values_of(template).items()}
        self.credits = CreditSubscriber(self.world.neighbours, self.world.sealer)
        self.world.gateway = self  # type: ignore[assignment]
        return self

    # The platform, as the dispatcher sees it.

    async def client(self, tenant_id: TenantId, account_id: int) -> Any:
        return _Forgetful(self.mini.client) if self.loses_answers else MiniProgramSender(self.mini.client)

    # People

    async def guest(self, number: int) -> PersonId:
        self.openids[number] = (await self.mini.logged_in(number)).openid
        # Nobody follows a mini program.
        self.world.neighbours.recipients[PersonId(number)] = Reachable(self.openids[number], False)
        return PersonId(number)

    async def answers(self, number: int, answer: str = "accept") -> None:
        told = await self.mini.act(number, "subscriptions", answers={self.template_id: answer})
        await self.hears(number, "answered", answer=told[self.template_id])  # It may be remembered.

    async def withdraws(self, number: int) -> None:
        await self.mini.act(number, "subscriptions/withdraw", template_id=self.template_id)
        await self.hears(number, "changed", answer="reject")

    async def other_software_sends(self, number: int) -> None:
        data = {name: subscribe_messages.TemplateValue(value) for name, value in self.values.items()}
        message = subscribe_messages.SubscribeMessage(
            touser=self.openids[number], template_id=self.template_id, data=data
        )
        sent = await self.mini.client.call(subscribe_messages.SEND, message)
        await self.hears(number, "sent", msgid=str(sent.msgid), error="success")

    async def turns_down_the_next(self) -> None:
        """Let the platform refuse the next call for its page: nothing goes out, nothing is used up."""
        await self.mini.sandbox.fault(subscribe_messages.SEND.path, errcode=41030, times=1)

    async def hears(self, number: int, what: str, **said: Any) -> None:
        """Let the callback of something become an event of the log."""
        items = [{"template_id": self.template_id, **said}]
        told = self.world.event("message_received", number, properties={"items": items})
        event = replace(told, name=f"wechat.mini_program.subscribe_message_{what}")
        await self.world.react(self.credits, event)  # type: ignore[arg-type]
        if what == "sent":
            await self.world.react(self.world.receipts, event)

    # Us

    def message(self, key: str, number: int, **more: Any) -> PlanMessage:
        return PlanMessage(
            origin_key=key,
            person_id=PersonId(number),
            account_id=ACCOUNT,
            message_kind=MessageKind.MINI_PROGRAM_SUBSCRIBE,
            content={"template_id": self.template_id, "data": self.values, **more},
            message_class=MessageClass.TRANSACTIONAL,
        )

    async def plan(self, *messages: PlanMessage) -> tuple[PlannedMessage, ...]:
        return await self.world.plan(*messages)

    async def sends(self, key: str, number: int, **more: Any) -> tuple[str, str | None]:
        await self.plan(self.message(key, number, **more))
        await self.world.send_all()
        return await self.world.state(key)

    # Both books

    async def ours(self, number: int) -> int:
        token = self.world.sealer.recipient_token(ACCOUNT, self.openids[number])
        rows = await self.world.rows("SELECT recipient, granted, used FROM message_credit")
        return sum(granted - used for recipient, granted, used in rows if bytes(recipient) == token)

    async def theirs(self, number: int) -> int:
        path = f"/people/{number}/subscriptions?appid={self.mini.account['appid']}"
        shown = await self.mini.sandbox.control("GET", path)
        return sum(item["credits"] for item in shown["items"] if item["template_id"] == self.template_id)


class _Forgetful(MiniProgramSender):
    """Sends, and loses the answer."""

    async def send_subscribe(self, openid: str, payload: Any) -> str:
        await super().send_subscribe(openid, payload)
        raise SendUnknown("the answer was lost")
