"""Message templates: kept with versions, shown as somebody would read them, tried out on colleagues."""

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

import pytest

from integration.messaging.world import ACCOUNT, World, text
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, decode_id, encode_id
from quanyu.modules.messaging.contracts import CapRule, MessageKind, MessagePolicy, QuietHours, RefusalReason
from quanyu.modules.messaging.errors import InvalidContent
from quanyu.modules.messaging.templates.contracts import (
    PREFIX,
    AskMissing,
    AskPreview,
    SaveMessageTemplate,
    SendTest,
    TemplateVariant,
)
from quanyu.modules.messaging.templates.errors import MessageTemplateNotFound
from quanyu.modules.messaging.templates.service import MessageTemplates

OAC = encode_id("oac", ACCOUNT)
DAILY = (CapRule(key="daily", limit=1),)


class Everybody:
    """A segment of the people told; who lacks what is read off their attributes."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def members(self, uow: UnitOfWork, segment_id: str) -> Sequence[int]:
        return sorted(self._world.neighbours.attributes)

    def _lack(self, person: int, key: str) -> bool:
        return key not in self._world.neighbours.attributes[PersonId(person)]

    async def count(self, uow: UnitOfWork, people: Sequence[int], keys: Sequence[str]) -> Mapping[str, int]:
        return {key: sum(self._lack(one, key) for one in people) for key in keys}

    async def count_any(self, uow: UnitOfWork, people: Sequence[int], keys: Sequence[str]) -> int:
        return sum(any(self._lack(one, key) for key in keys) for one in people)

    async def list_people(
        self, uow: UnitOfWork, people: Sequence[int], key: str, *, after: int, rows_max: int
    ) -> list[PersonId]:
        return [PersonId(one) for one in people if one > after and self._lack(one, key)][:rows_max]


@pytest.fixture
def templates(world: World) -> MessageTemplates:
    everybody = Everybody(world)
    return MessageTemplates(world.messaging, world.neighbours, everybody, everybody)


def says(body: str) -> TemplateVariant:
    return TemplateVariant(
        account_id=OAC, message_kind=MessageKind.CUSTOMER_SERVICE_TEXT, content={"text": body}
    )


def notice(**data: str) -> TemplateVariant:
    return TemplateVariant(
        account_id=OAC, message_kind=MessageKind.TEMPLATE, content={"template_id": "t", "data": data}
    )


def saved(*variants: TemplateVariant, **more: Any) -> SaveMessageTemplate:
    return SaveMessageTemplate(name=more.pop("name", "新品"), variants=variants, **more)


async def test_other_words_are_a_new_version_and_old_ones_stay_readable(
    world: World, templates: MessageTemplates
) -> None:
    async with world.uows.app(world.tenant_id) as uow:
        made = await templates.create(uow, saved(says("一")), actor="凌")
        number = decode_id(PREFIX, made.id)
        renamed = await templates.save(uow, number, saved(says("一"), name="旧品", note="春天"), actor="周")
        changed = await templates.save(uow, number, saved(says("二"), notice(x="1")), actor="周")
    assert (made.version, renamed.version, changed.version) == (1, 1, 2)
    assert (renamed.name, renamed.note) == ("旧品", "春天")
    async with world.uows.app(world.tenant_id) as uow:
        versions = await templates.versions(uow, number)
        page = await templates.list_page(uow)
        assert [one.id for one in page.items] == [made.id]
        await templates.delete(uow, number)
        with pytest.raises(MessageTemplateNotFound):
            await templates.get(uow, number)
    assert [(one.version, one.saved_by, len(one.variants)) for one in versions] == [
        (2, "周", 2),
        (1, "凌", 1),
    ]
    assert versions[1].variants == (says("一"),)


async def test_what_cannot_be_said_is_not_kept(world: World, templates: MessageTemplates) -> None:
    async with world.uows.app(world.tenant_id) as uow:
        with pytest.raises(InvalidContent):
            await templates.create(uow, saved(says("{{ person.x | nothing }}")), actor="凌")
        assert (await templates.list_page(uow)).items == ()
    with pytest.raises(ValueError, match="one variant for each"):
        saved(says("一"), says("二"))


async def test_a_brand_does_not_see_another_brands_templates(
    world: World, templates: MessageTemplates
) -> None:
    async with world.uows.app(world.tenant_id) as uow:
        made = await templates.create(uow, saved(says("一")), actor="凌")
    async with world.uows.app(type(world.tenant_id)(world.tenant_id + 500_000)) as uow:
        assert (await templates.list_page(uow)).items == ()
        with pytest.raises(MessageTemplateNotFound):
            await templates.get(uow, decode_id(PREFIX, made.id))


async def test_a_preview_says_what_somebody_would_read_and_leaves_nothing_behind(
    world: World, templates: MessageTemplates
) -> None:
    world.follower(1, name="陈小满", spent=12.5)
    world.neighbours.attributes[PersonId(2)] = {"name": "周明轩"}
    variants = (
        says("{{ person.name }}：{{ person.spent | money }} {{ 'https://x.test' | short_link }}"),
        notice(thing1="{{ person.level | default: '茶友' }} {{ event.order_id }}"),
    )
    async with world.uows.app(world.tenant_id) as uow:
        first, second = [
            await templates.preview(
                uow, AskPreview(person_id=encode_id("per", person), variants=variants, variables=variables)
            )
            for person, variables in ((1, {"event": {"order_id": "SO-1"}}), (2, {}))
        ]
    assert (first.items[0].text or "").startswith("陈小满：¥12.50 https://brand.test/s/")
    assert (first.items[0].missing, first.items[0].is_reachable) == ((), True)
    assert (first.items[1].text, first.items[1].missing) == ("thing1: 茶友 SO-1", ("person.level",))
    assert [(one.text, one.reason, one.missing, one.is_reachable) for one in second.items] == [
        (None, "template_missing_values", ("person.spent",), False),
        (None, "template_missing_values", ("event.order_id", "person.level"), False),
    ]
    assert await world.states() == []
    assert await world.rows("SELECT code FROM link_code") == []


async def test_the_report_says_who_of_a_segment_lacks_what(world: World, templates: MessageTemplates) -> None:
    world.follower(1, name="一", level="金")
    world.follower(2, name="二")
    world.follower(3)
    ask = AskMissing(
        segment_id="seg_1",
        variants=(
            says("{{ person.name }} {{ person.level | default: '茶友' }}"),
            notice(x="{{ person.level }} {{ event.id }}"),
        ),
    )
    async with world.uows.app(world.tenant_id) as uow:
        report = await templates.missing(uow, ask)
        page = await templates.missing_people(uow, "seg_1", "level", cursor=None, limit=1)
        rest = await templates.missing_people(uow, "seg_1", "level", cursor=page.next_cursor, limit=1)
    assert report.people == 3
    assert [(one.attribute, one.people, one.is_needed, one.variants) for one in report.attributes] == [
        ("level", 2, True, (0, 1)),
        ("name", 1, True, (0,)),
    ]
    assert [one.refused for one in report.variants] == [1, 2]
    assert report.elsewhere == ("event.id",)
    assert [one.id for one in (*page.items, *rest.items)] == [encode_id("per", 2), encode_id("per", 3)]
    assert rest.next_cursor is None


async def test_a_test_goes_past_caps_and_quiet_hours_and_is_counted_nowhere(
    world: World, templates: MessageTemplates
) -> None:
    for person in (1, 2):
        world.follower(person)
        await world.acts(person, "message_received")
    world.follower(3)
    async with world.uows.system(world.tenant_id) as uow:
        quiet = QuietHours(start=time(8), end=time(20))
        await world.messaging.set_policy(
            uow, MessagePolicy(quiet_hours=(quiet,), caps=DAILY, transactional_counts=True)
        )
    command = SendTest(
        key="k",
        person_ids=tuple(encode_id("per", person) for person in (1, 3)),
        variant=says("试 {{ 'https://x.test' | short_link }} {{ event.id }}"),
        variables={"event": {"id": "SO-1"}},
    )
    async with world.uows.app(world.tenant_id) as uow:
        sent = await templates.send_test(uow, command)
        again = await templates.send_test(uow, command)
    await world.send_all()

    assert [(one.state, one.reason) for one in sent.items] == [
        ("reserved", None),
        ("refused", RefusalReason.WINDOW_CLOSED),
    ]
    assert [one.message_id for one in again.items] == [one.message_id for one in sent.items]
    assert len(world.gateway.custom) == 1
    assert await world.facts() == []
    assert await world.counters() == {}
    async with world.uows.app(world.tenant_id) as uow:
        assert (await world.messaging.summary(uow)).planned == 0
        listed = (await world.messaging.list_messages(uow)).items
    assert [one.is_test for one in listed] == [True, True]
    # The cap of the day is still whole.
    async with world.uows.system(world.tenant_id) as uow:
        await world.messaging.set_policy(uow, MessagePolicy(caps=DAILY))
    (planned,) = await world.plan(text("real", 1))
    assert planned.state == "reserved"
