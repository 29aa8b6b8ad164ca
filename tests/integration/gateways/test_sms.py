"""Text messages from the plan to the report, against the sandbox's gateway (WX-3, FC, consent by channel)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from contract.sms.conftest import APP, PAID, SALE, SECRET, Texting
from integration.gateways.world import GatewayNeighbours, Identities, Senders
from integration.messaging.world import World, text
from quanyu.flows.gateways.recipients import GatewayRecipients
from quanyu.flows.gateways.senders import GatewaySenders
from quanyu.flows.gateways.service import Gateways
from quanyu.flows.gateways.sms_outcomes import marketing_wait
from quanyu.flows.gateways.sms_reports import SmsReports
from quanyu.infra.crypto import KeyRing
from quanyu.infra.outbound import Outbound
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.channels.gateways.contracts import (
    CHINA,
    ConnectSms,
    GatewayChannel,
    SmsSettings,
    SmsTemplate,
)
from quanyu.modules.channels.gateways.errors import SecretNeeded, UnknownGateway
from quanyu.modules.channels.gateways.service import GatewayDesk, read_gateway_id, show_gateway_id
from quanyu.modules.events.contracts import LogEvent
from quanyu.modules.messaging.contracts import (
    CapRule,
    Channel,
    MessageClass,
    MessageKind,
    MessagePolicy,
    PlanMessage,
    QuietHours,
)
from quanyu.modules.people.consent.contracts import ConsentChannel
from quanyu.modules.people.consent.service import MARKETING, ConsentQuestion
from quanyu.modules.people.consent.subscribers import ConsentSubscriber


@dataclass
class Shop:
    """A brand whose texts go out by the sandbox."""

    world: World
    texting: Texting
    gateways: Gateways
    reports: SmsReports
    identities: Identities
    account_id: int = 0

    def command(self, **changes: Any) -> ConnectSms:
        return ConnectSms(
            **(self.texting.settings.model_dump() | {"name": "短信", "secret_key": SECRET} | changes)
        )

    async def connect(self, **changes: Any) -> None:
        async with self.world.uows.app(self.world.tenant_id) as uow:
            gateway = await self.gateways.connect(uow, self.command(**changes))
        self.account_id = read_gateway_id(gateway.id)

    def phone(self, number: int) -> str:
        self.identities.values.setdefault("phone", {})[PersonId(number)] = f"+86138001380{number:02}"
        return self.identities.values["phone"][PersonId(number)]

    def message(self, key: str, person: int, *, template: str = PAID, **more: Any) -> PlanMessage:
        data = {"1": "{{ order }}", "2": "{{ amount | money }}"} if template == PAID else {"1": "小满"}
        return PlanMessage(
            origin_key=key,
            person_id=PersonId(person),
            account_id=self.account_id,
            message_kind=MessageKind.SMS,
            content={"template_id": template, "data": data},
            variables={"order": "Q1", "amount": 12},
            message_class=more.pop("message_class", MessageClass.TRANSACTIONAL),
            **more,
        )

    def sale(self, key: str, person: int) -> PlanMessage:
        return self.message(key, person, template=SALE, message_class=MessageClass.MARKETING)

    async def send(self, *messages: PlanMessage) -> None:
        await self.world.plan(*messages)
        await self.world.send_all()

    def later(self, seconds: float) -> None:
        self.texting.later(seconds)

    async def hears_replies(self, person: int) -> None:
        """Pull, and let the subscriber of consent hear the facts, as the pipeline does."""
        await self.reports.pull(self.world.tenant_id)
        found = await self.world.rows(
            "SELECT name, message_id, properties, occurred_at FROM log_event "
            "WHERE name = 'channels.sms_received'"
        )
        events: Sequence[LogEvent] = [
            LogEvent(
                position=place, person_id=PersonId(person), kind="track", name=name, occurred_at=at,
                received_at=at, source="quanyu", message_id=message_id, properties=properties, context={},
            )
            for place, (name, message_id, properties, at) in enumerate(found)
        ]  # fmt: skip
        async with self.world.uows.system(self.world.tenant_id) as uow:
            await ConsentSubscriber(self.world.consent).apply(uow, events, None)


@pytest.fixture
async def shop(
    uows: UnitOfWorkFactory,
    database: Database,
    tenant_id: TenantId,
    clock: FixedClock,
    key_ring: KeyRing,
    texting: Texting,
) -> Shop:
    desk, identities, neighbours, senders = (
        GatewayDesk(key_ring),
        Identities(),
        GatewayNeighbours(),
        Senders(),
    )
    neighbours.gateways = GatewayRecipients(desk, identities)  # type: ignore[arg-type]
    senders.gateways = GatewaySenders(uows, desk, texting.transport, Outbound())
    world = World(uows, database, tenant_id, clock, key_ring, neighbours, senders)
    gateways = Gateways(uows, desk, senders.gateways, world.messaging)
    reports = SmsReports(uows, desk, senders.gateways, world.messaging)
    shop = Shop(world, texting, gateways, reports, identities)
    await shop.connect()
    return shop


async def test_a_text_goes_out_filled_in_and_its_report_comes_back(shop: Shop) -> None:
    phone = shop.phone(1)

    await shop.send(shop.message("paid", 1))

    assert await shop.texting.arrived() == [(phone, "【青山茶食】您的订单Q1已付款¥12.00元。")]
    assert await shop.world.state("paid") == ("accepted", None)
    shop.later(5)
    await shop.reports.pull(shop.world.tenant_id)
    assert await shop.world.state("paid") == ("delivered", None)
    assert [one[0] for one in await shop.world.facts()] == ["accepted", "delivered"]


async def test_a_text_that_did_not_arrive_is_told(shop: Shop) -> None:
    shop.identities.values["phone"] = {PersonId(1): "+8613800130000"}
    await shop.send(shop.message("paid", 1))
    shop.later(5)

    await shop.reports.pull(shop.world.tenant_id)

    assert await shop.world.state("paid") == ("failed", "platform_failed")


async def test_who_has_no_number_is_refused_and_nothing_is_sent(shop: Shop) -> None:
    await shop.send(shop.message("paid", 9))

    assert await shop.world.state("paid") == ("refused", "no_channel")
    assert await shop.texting.arrived() == []


async def test_answering_r_ends_marketing_by_text_and_nothing_else(shop: Shop) -> None:
    phone = shop.phone(1)
    await shop.send(shop.sale("one", 1))
    await shop.texting.reply(phone, "r")

    await shop.hears_replies(1)
    shop.later(60)
    await shop.send(shop.sale("two", 1), shop.message("paid", 1))

    assert await shop.world.state("two") == ("refused", "opted_out")
    assert await shop.world.state("paid") == ("accepted", None)
    async with shop.world.uows.app(shop.world.tenant_id) as uow:
        asked = [
            ConsentQuestion(PersonId(1), MARKETING, one)
            for one in (ConsentChannel.SMS, ConsentChannel.OFFICIAL_ACCOUNT)
        ]
        answers = await shop.world.consent.ask(uow, asked)
    assert [answers[one].is_allowed for one in asked] == [False, True]


async def test_other_answers_are_kept_and_change_nothing(shop: Shop) -> None:
    phone = shop.phone(1)
    await shop.send(shop.sale("one", 1))
    await shop.texting.reply(phone, "好的，谢谢")

    await shop.hears_replies(1)
    shop.later(3_600)
    await shop.send(shop.message("two", 1, template=SALE, message_class=MessageClass.MARKETING))

    assert (await shop.world.state("two"))[1] != "opted_out"


async def test_caps_count_texts_with_other_channels(shop: Shop) -> None:
    """FC: one cap over all channels."""
    shop.phone(1)
    shop.world.follower(1)
    await shop.world.acts(1, "message_received")
    async with shop.world.uows.app(shop.world.tenant_id) as uow:
        await shop.world.messaging.set_policy(uow, MessagePolicy(caps=(CapRule(key="daily", limit=1),)))

    await shop.send(text("wechat", 1), shop.sale("sms", 1))

    assert await shop.world.state("wechat") == ("accepted", None)
    assert await shop.world.state("sms") == ("refused", "frequency_capped")


async def test_a_cap_of_text_messages_leaves_other_channels_alone(shop: Shop) -> None:
    shop.phone(1)
    shop.world.follower(1)
    await shop.world.acts(1, "message_received")
    async with shop.world.uows.app(shop.world.tenant_id) as uow:
        cap = CapRule(key="sms", limit=1, channel=Channel.SMS)
        await shop.world.messaging.set_policy(uow, MessagePolicy(caps=(cap,)))

    await shop.send(shop.sale("one", 1))
    shop.later(3_600)
    other = shop.message("two", 1, message_class=MessageClass.MARKETING)
    await shop.send(other, text("wechat", 1))

    assert await shop.world.state("two") == ("refused", "frequency_capped")
    assert await shop.world.state("wechat") == ("accepted", None)


async def test_quiet_hours_hold_texts(shop: Shop) -> None:
    shop.phone(1)
    async with shop.world.uows.app(shop.world.tenant_id) as uow:
        quiet = QuietHours(start=time(11), end=time(14), jitter_s=0)
        await shop.world.messaging.set_policy(uow, MessagePolicy(quiet_hours=(quiet,)))

    await shop.send(shop.sale("sale", 1))

    assert await shop.world.state("sale") == ("planned", None)
    shop.later(2 * 3600 + 1)
    await shop.world.send_all()
    assert await shop.world.state("sale") == ("accepted", None)


async def test_marketing_waits_for_its_hours_without_a_call(shop: Shop) -> None:
    shop.phone(1)
    shop.later(11 * 3600)  # 23:00 in China.

    await shop.send(shop.sale("sale", 1), shop.message("paid", 1))

    assert await shop.world.state("sale") == ("reserved", None)
    assert await shop.world.state("paid") == ("accepted", None)  # Notices go out at night, too.
    shop.later(9 * 3600 - 60)  # 07:59.
    await shop.world.send_all()
    assert len(await shop.texting.arrived()) == 1
    shop.later(61)
    await shop.world.send_all()
    assert await shop.world.state("sale") == ("accepted", None)


async def test_each_answer_of_the_gateway_means_something(shop: Shop) -> None:
    """Rejected for good, again later, and unknown."""
    phone = shop.phone(1)
    shop.texting.change(blacklist=(phone,))
    await shop.send(shop.message("blacklisted", 1))
    assert await shop.world.state("blacklisted") == ("rejected", "platform_recipient_refuses")
    (found,) = await shop.world.rows("SELECT detail FROM message_intent WHERE origin_key = 'blacklisted'")
    assert found[0] == "FailedOperation.PhoneNumberInBlacklist"

    shop.texting.change(blacklist=(), balance=0)
    await shop.send(shop.message("unpaid", 1))
    assert await shop.world.state("unpaid") == ("reserved", None)
    shop.texting.change(balance=100)
    shop.later(601)
    await shop.world.send_all()
    assert await shop.world.state("unpaid") == ("accepted", None)

    shop.phone(2)
    await shop.texting.control("POST", "/faults", {"path": "/", "drop_after_effect": True, "times": 1})
    await shop.send(shop.sale("lost", 2))
    assert await shop.world.state("lost") == ("unknown", "no_answer")
    shop.later(7_200)
    await shop.world.send_all()
    assert len(await shop.texting.arrived()) == 2  # Marketing is never said twice.


async def test_a_lost_answer_of_a_notice_is_repeated(shop: Shop) -> None:
    shop.phone(1)
    await shop.texting.control("POST", "/faults", {"path": "/", "drop_after_effect": True, "times": 1})

    await shop.send(shop.message("paid", 1))
    shop.later(40)
    await shop.world.send_all()

    assert await shop.world.state("paid") == ("accepted", None)
    assert len(await shop.texting.arrived()) == 2  # At least once, as promised.


async def test_a_wrong_secret_holds_messages_until_it_is_mended(shop: Shop) -> None:
    shop.phone(1)
    await shop.connect(secret_key="wrong-secret")
    await shop.send(shop.message("paid", 1))
    assert await shop.world.state("paid") == ("reserved", None)
    checks = await shop.gateways.check(shop.world.tenant_id, read_gateway_id(_shown(shop)))
    assert [(one.name, one.ok) for one in checks] == [
        ("api_reachable", True),
        ("credentials", False),
        ("templates", None),
    ]


async def test_connecting_again_changes_it_and_keeps_the_secret(shop: Shop) -> None:
    before = shop.account_id
    extra = SmsTemplate(template_id="404", title="未审核", text="测试{1}", is_marketing=False)
    await shop.connect(secret_key="", name="新名字", templates=(*shop.texting.settings.templates, extra))

    assert shop.account_id == before
    async with shop.world.uows.app(shop.world.tenant_id) as uow:
        (gateway,) = await shop.gateways.desk.list_gateways(uow)
        templates = await shop.world.messaging.list_templates(uow)
    assert gateway.name == "新名字"
    assert SECRET not in gateway.model_dump_json()
    assert {one.template_id: one.fields for one in templates} == {
        PAID: ("1", "2"),
        SALE: ("1",),
        "404": ("1",),
    }
    checks = await shop.gateways.check(shop.world.tenant_id, read_gateway_id(gateway.id))
    assert [one.ok for one in checks] == [True, True, False]
    assert checks[2].detail_zh == "404 不存在"
    rows = await shop.world.rows("SELECT secret_sealed, settings FROM gateway")
    assert SECRET.encode() not in bytes(rows[0][0]) + str(rows[0][1]).encode()


async def test_a_template_that_is_left_out_can_no_longer_be_sent(shop: Shop) -> None:
    shop.phone(1)
    await shop.connect(templates=shop.texting.settings.templates[:1])

    await shop.send(shop.sale("sale", 1))

    assert await shop.world.state("sale") == ("refused", "template_withdrawn")


async def test_a_new_gateway_needs_its_secret_and_strangers_see_none(shop: Shop) -> None:
    async with shop.world.uows.app(shop.world.tenant_id) as uow:
        with pytest.raises(SecretNeeded):
            await shop.gateways.connect(uow, shop.command(app_id="1400000077", secret_key=""))
    async with shop.world.uows.app(TenantId(shop.world.tenant_id + 900_000)) as uow:
        assert await shop.gateways.desk.list_gateways(uow) == ()
        with pytest.raises(UnknownGateway):
            await shop.gateways.desk.open(uow, read_gateway_id(_shown(shop)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"marketing_from": time(7)},
        {"marketing_until": time(22, 30)},
        {"templates": [{"template_id": "1", "title": "促销", "text": "快来买{1}"}]},
        {"templates": [{"template_id": "1", "title": "缺号", "text": "{2}", "is_marketing": False}]},
    ],
)
def test_settings_the_carrier_would_not_take_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ConnectSms(**({"app_id": APP, "secret_id": "AKID1", "sign_name": "茶"} | wrong))


def test_the_wait_for_marketing_hours() -> None:
    settings = SmsSettings(app_id=APP, secret_id="AKID1", sign_name="茶", marketing_from=time(9))

    def at(hour: int, minute: int = 0) -> timedelta | None:
        return marketing_wait(settings, datetime(2026, 3, 4, hour, minute, tzinfo=CHINA))

    assert at(9) is None
    assert at(21, 59) is None
    assert at(8, 30) == timedelta(minutes=30)
    assert at(22) == timedelta(hours=11)


def _shown(shop: Shop) -> str:
    return show_gateway_id(GatewayChannel.SMS, shop.account_id)
