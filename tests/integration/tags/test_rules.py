"""Tags by rule: tried first, filled back, kept up; and what people say by hand counts before it."""

import random
from datetime import timedelta
from typing import Any

from integration.segments.world import happened
from integration.tags.conftest import HAND, Desk
from quanyu.kernel.ids import PersonId, decode_id
from quanyu.modules.people.tags.contracts import TAG_PREFIX, TagChange
from quanyu.modules.people.tags.rules import Claim, Place, carried

VIEWED: dict[str, Any] = {"kind": "event", "name": "Viewed"}
BOUGHT: dict[str, Any] = {"kind": "event", "name": "Order Completed"}


async def test_a_rule_is_tried_filled_back_and_kept_up(desk: Desk) -> None:
    _, buyer = await desk.group("行为", "已购")
    await desk.arrive("a", "b")
    at = desk.brand.clock.now()
    await desk.brand.tell(happened("Order Completed", "a", at))
    await desk.change("b", add=[buyer])
    await desk.brand.drain()

    status, tried = await desk.call("POST", f"/person-tags/{buyer}/rule/preview", {"definition": VIEWED})
    assert (status, tried["count"], tried["carrying"], len(tried["sample"])) == (200, 2, 1, 2)
    assert (await desk.call("GET", f"/person-tags/{buyer}/rule"))[1] == {"rule": None}

    assert (await desk.call("PUT", f"/person-tags/{buyer}/rule", {"definition": BOUGHT}))[0] == 204
    await desk.follow_rules()
    assert (await desk.names("a"), await desk.names("b")) == (["已购"], ["已购"])
    _, found = await desk.call("GET", f"/person-tags/{buyer}/rule")
    assert (found["rule"]["members"], found["rule"]["settled"]) == (1, True)
    # It is nobody's segment: in no list, and nobody is stated to enter it.
    assert (await desk.call("GET", "/segments"))[1]["items"] == []
    assert await desk.brand.facts() == []

    # Kept up: who ceases to meet it loses what the rule gave, and only that.
    assert (
        await desk.call("PUT", f"/person-tags/{buyer}/rule", {"definition": {"kind": "not", "of": VIEWED}})
    )[0] == 204
    await desk.follow_rules()
    assert (await desk.names("a"), await desk.names("b")) == ([], ["已购"])
    assert [(what, source) for what, _, source, _ in await desk.told()] == [
        ("added", "manual"),
        ("added", "rule"),
        ("removed", "rule"),
    ]


async def test_by_hand_counts_before_the_rule(desk: Desk) -> None:
    _, buyer = await desk.group("行为", "已购")
    await desk.arrive("a")
    await desk.call("PUT", f"/person-tags/{buyer}/rule", {"definition": VIEWED})
    await desk.follow_rules()
    await desk.change("a", remove=[buyer])
    await desk.follow_rules()
    assert await desk.names("a") == []
    await desk.change("a", release=[buyer])
    assert await desk.names("a") == ["已购"]
    await desk.change("a", add=[buyer])
    assert (await desk.call("DELETE", f"/person-tags/{buyer}/rule"))[0] == 204
    await desk.follow_rules()
    assert await desk.names("a") == ["已购"]
    assert (await desk.call("GET", f"/person-tags/{buyer}/rule"))[1] == {"rule": None}


async def test_rules_of_an_exclusive_group_stand_in_its_order(desk: Desk) -> None:
    group, first, second = await desk.group("层级", "核心", "普通", exclusive=True)
    await desk.arrive("a", "b")
    await desk.brand.tell(happened("Order Completed", "a", desk.brand.clock.now()))
    await desk.call("PUT", f"/person-tags/{first}/rule", {"definition": BOUGHT})
    await desk.call("PUT", f"/person-tags/{second}/rule", {"definition": VIEWED})
    await desk.follow_rules()
    assert (await desk.names("a"), await desk.names("b")) == (["核心"], ["普通"])
    # Another order, another first; a word by hand comes before both and, taken back, leaves the rules to it.
    assert (await desk.call("PUT", "/person-tags/order", {"ids": [second, first]}, group=group))[0] == 204
    assert await desk.names("a") == ["普通"]
    await desk.change("a", add=[first])
    assert await desk.names("a") == ["核心"]
    await desk.change("a", release=[first])
    assert (await desk.names("a"), (await desk.counts())) == (["普通"], {"普通": 2, "核心": 0})


async def test_a_rule_cannot_ask_about_its_own_tag(desk: Desk) -> None:
    _, one, two = await desk.group("行为", "一", "二")
    asks_one = {"definition": {"kind": "any", "of": [VIEWED, {"kind": "tag", "op": "all", "tags": [one]}]}}
    asks_two = {"definition": {"kind": "tag", "op": "none", "tags": [two]}}
    for path in (f"/person-tags/{one}/rule", f"/person-tags/{one}/rule/preview"):
        status, problem = await desk.call("PUT" if path.endswith("rule") else "POST", path, asks_one)
        assert (status, problem["code"]) == (422, "people.circular_tag_rule")
    assert (await desk.call("PUT", f"/person-tags/{two}/rule", asks_one))[0] == 204
    status, problem = await desk.call("PUT", f"/person-tags/{one}/rule", asks_two)
    assert (status, problem["code"]) == (422, "people.circular_tag_rule")
    assert (await desk.call("DELETE", f"/person-tags/{one}"))[1]["code"] == "people.tag_in_use"
    bad = {"definition": {"kind": "tag", "tags": ["seg_1"]}}
    assert (await desk.call("PUT", f"/person-tags/{one}/rule", bad))[1][
        "code"
    ] == "segments.invalid_definition"
    assert (await desk.call("PUT", "/person-tags/ptg_1/rule", asks_one))[0] == 404


async def test_segments_know_tags_by_hand_within_the_next_batch(desk: Desk) -> None:
    _, vip = await desk.group("等级", "VIP")
    await desk.arrive("a", "b")
    await desk.change("b", add=[vip])
    await desk.brand.drain()
    for op, users in (("any", ["b"]), ("all", ["b"]), ("none", ["a"])):
        asked = {"definition": {"kind": "tag", "op": op, "tags": [vip]}}
        _, found = await desk.call("POST", "/segments/preview", asked)
        expected = await desk.brand.ids(*users)
        assert [decode_id("per", row["id"]) for row in found["sample"]] == expected


async def test_the_database_and_the_pure_rule_agree(desk: Desk) -> None:
    """Random words by hand and by rule over people who are merged: the SQL is the rule."""
    dice = random.Random(5)
    _, *loose = await desk.group("散", "甲", "乙")
    _, *single = await desk.group("单选", "丙", "丁", "戊", exclusive=True)
    users = ["a", "b", "c", "d"]
    await desk.arrive(*users)
    tags = [*loose, *single]
    async with desk.brand.uows.system(desk.brand.tenant) as uow:
        for tag in tags:
            row = await desk.rules._ruled(uow).get(tag)
            await desk.rules._ruled(uow).set(row, 1)  # A rule, as far as giving is concerned.
    everybody = await desk.brand.ids(*users)
    for step in range(40):
        desk.brand.clock.advance(timedelta(seconds=1))
        person, tag = PersonId(dice.choice(everybody)), dice.choice(tags)
        async with desk.brand.uows.system(desk.brand.tenant) as uow:
            ruled = desk.rules._ruled(uow)
            row = await ruled.get(tag)
            what = dice.choice(["add", "remove", "release", "rule", "rule", "unrule"])
            if what == "rule":
                await ruled.add(row, [person])
            elif what == "unrule":
                await ruled.drop(row, [person])
            else:
                await desk.tags.giving.change(uow, [person], TagChange(**{what: [tag]}), cause=HAND)
            if step == 20:
                await uow.execute(
                    "UPDATE person SET canonical_id = :to WHERE tenant_id = :tenant AND id = ANY(:people)",
                    {"tenant": desk.brand.tenant, "to": everybody[0], "people": everybody[:3]},
                )
            groups = [everybody[:3], everybody[3:]] if step >= 20 else [[one] for one in everybody]
            claims = [
                Claim(person_id=one[0], tag_id=one[1], by_rule=one[2], holds=one[3], given_at=one[4])
                for one in await uow.execute(
                    "SELECT person_id, tag_id, by_rule, holds, given_at FROM person_tag_claim "
                    "WHERE tenant_id = :tenant",
                    {"tenant": desk.brand.tenant},
                )
            ]
            found = await desk.tags.giving.carried(uow, [PersonId(group[0]) for group in groups])
        places = {decode_id(TAG_PREFIX, one): Place(1, False, number) for number, one in enumerate(loose)}
        places |= {decode_id(TAG_PREFIX, one): Place(2, True, number) for number, one in enumerate(single)}
        for group in groups:
            expected = carried([one for one in claims if one.person_id in group], places)
            got = {decode_id(TAG_PREFIX, one.id) for one in found[PersonId(group[0])]}
            assert got == expected, (step, what)
