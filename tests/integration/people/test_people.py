"""Profiles, lists, search and timelines, with history in a real warehouse."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from quanyu.infra import web
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, TenantId, encode_id
from quanyu.kernel.permissions import ALL
from quanyu.modules.people.contracts import AttributeWrite, ProfileExtras, RfmView, RowExtras, TimelineFilter
from quanyu.modules.people.errors import PersonNotFound
from quanyu.modules.people.routes import router
from quanyu.modules.people.service import People, ProfileCopier
from quanyu.modules.people.tags.service import PersonTags

from .conftest import AT, Desk, identifier


@pytest.fixture
def people(desk: Desk, warehouse: Warehouse) -> People:
    return People(desk.key_ring, warehouse)


@pytest.fixture
def copier(desk: Desk, warehouse: Warehouse) -> ProfileCopier:
    return ProfileCopier(desk.uows, warehouse)


async def store_events(
    warehouse: Warehouse,
    tenant: TenantId,
    rows: Sequence[tuple[int, str, int, str, str, str]],
    *,
    currency: str = "CNY",
) -> None:
    """Put (person, name, minute, order id, revenue, channel) into history."""
    lines = []
    for position, (person, name, minute, order, revenue, channel) in enumerate(rows, start=1):
        at = (AT + timedelta(minutes=minute)).isoformat()
        lines.append(
            f"{tenant}\t{person}\t{name}\ttrack\t{at}\t{at}\t{at}\t{position}\t1\tshop\tm{position}\t{order}\t"
            f'{revenue or chr(92) + "N"}\t{currency}\t{{"channel": "{channel}"}}\t{{"n": {position}}}\n'
        )
    columns = (
        "tenant_id person name kind occurred_at received_at applied_at position batch_id source message_id "
        "order_id revenue currency context_json properties"
    )
    await warehouse.insert_tsv("events", columns.split(), "".join(lines).encode())


async def test_a_profile_shows_everything_and_hides_what_identifies(
    desk: Desk, people: People, warehouse: Warehouse
) -> None:
    result = await desk.resolve(
        desk.row("anonymous_id:a-0001"),
        desk.row("openid@wx1:oABCDEFGHIJKLMNOP", "anonymous_id:a-0001", minute=1),
        desk.row(
            "openid@wx1:oABCDEFGHIJKLMNOP",
            minute=2,
            source="pos",
            traits={
                "name": "韩梅梅",
                "phone": "13800138000",
                "address": {"city": "杭州"},
                "remark": "爱喝龙井",
            },
        ),
    )
    visitor, follower = result.person_ids[0], result.person_ids[1]
    assert visitor is not None
    assert follower is not None
    rows = [
        (visitor, "Product Viewed", 0, "", "", "mini_program"),
        (follower, "Order Completed", 3, "A-1", "30.5", ""),
        (follower, "Order Refunded", 4, "A-1", "-10", ""),
    ]
    await store_events(warehouse, desk.tenant, rows)

    async with desk.uows.app(desk.tenant) as uow:
        profile = await people.get_profile(uow, PersonId(follower))
    assert profile.id == encode_id("per", visitor)
    assert profile.display_name == "韩梅梅"
    assert (profile.first_seen_at, profile.last_seen_at) == (AT, AT + timedelta(minutes=2))
    assert [(one.key, one.value, one.classification.value) for one in profile.attributes] == [
        ("address.city", "杭州", "none"),
        ("has_phone", True, "none"),
        ("name", "韩梅梅", "name"),
        ("phone", "138****8000", "identifier"),
        ("phone_carrier", "中国移动", "none"),
        ("phone_region", "北京市", "none"),
        ("remark", "爱喝龙井", "free"),
        ("surname", "韩", "none"),
    ]
    assert {one.source for one in profile.attributes} == {"pos"}
    assert [(one.namespace, one.scope, one.value_masked, one.evidence) for one in profile.identities] == [
        ("openid", "wx1", "oABC…MNOP", ("observed: web", "observed: pos")),
        ("phone", "", "138****8000", ("observed: pos",)),
        ("anonymous_id", "", "a-…01", ("observed: web",)),
    ]
    assert profile.totals is not None
    assert profile.totals.model_dump() == {
        "orders": 1,
        "revenue": "20.5",
        "currency": "CNY",
        "last_order_at": AT + timedelta(minutes=3),
        "events": 3,
    }


async def test_a_timeline_holds_the_history_of_every_side_and_pages_backwards(
    desk: Desk, people: People, warehouse: Warehouse
) -> None:
    result = await desk.resolve(
        desk.row("anonymous_id:a1"), desk.row("user_id:u1", "anonymous_id:a1"), desk.row("user_id:u2")
    )
    visitor, user, stranger = (person or 0 for person in result.person_ids)
    rows = [(visitor, f"Page {number}", number, "", "", "h5") for number in range(3)]
    rows += [
        (one, f"Page {minute}", minute, "", "", "") for one, minute in ((user, 3), (stranger, 9), (user, 3))
    ]
    await store_events(warehouse, desk.tenant, rows)

    async with desk.uows.app(desk.tenant) as uow:
        first = await people.timeline(uow, PersonId(user), limit=3)
        rest = await people.timeline(uow, PersonId(visitor), limit=3, cursor=first.next_cursor)
        named = await people.timeline(uow, PersonId(user), wanted=TimelineFilter(name="Page 1"))
    seen = [(one.name, one.properties["n"]) for one in (*first.items, *rest.items)]
    assert seen == [("Page 3", 6), ("Page 3", 4), ("Page 2", 3), ("Page 1", 2), ("Page 0", 1)]
    assert rest.next_cursor is None
    (one,) = named.items
    assert (one.occurred_at, one.context, one.revenue, one.kind) == (
        AT + timedelta(minutes=1),
        {"channel": "h5"},
        None,
        "track",
    )


async def test_people_are_found_by_a_whole_identifier_or_part_of_a_name(desk: Desk, people: People) -> None:
    result = await desk.resolve(
        desk.row("openid@wx1:oX", traits={"name": "欧阳娜娜", "phone": "13800138000", "email": "Na@x.cn"}),
        desk.row("user_id:u2", traits={"nickname": "Tea Lover", "name": "李娜"}),
        desk.row("user_id:u3"),
    )
    one, two, three = (encode_id("per", person or 0) for person in result.person_ids)
    expected = {
        "138-0013-8000": {one},
        "na@X.cn": {one},
        "oX": {one},
        "ox": set(),
        "u2": {two},
        "娜": {one, two},
        "娜娜": {one},
        "欧阳": {one},
        "tealov": {two},
        "a L": {two},
        "张": set(),
        three: {three},
        "per_zzzzzzzzz": set(),
        "1380013": set(),
    }
    async with desk.uows.app(desk.tenant) as uow:
        for q, ids in expected.items():
            page = await people.list_people(uow, q=q)
            assert ({row.id for row in page.items}, page.total) == (ids, len(ids)), q


async def test_a_name_that_was_changed_is_no_longer_found(desk: Desk, people: People) -> None:
    await desk.resolve(desk.row("user_id:u1", "phone:13800138000", traits={"name": "王二"}))
    await desk.resolve(desk.row("phone:13800138000", minute=1, traits={"name": "王五"}))
    async with desk.uows.app(desk.tenant) as uow:
        assert (await people.list_people(uow, q="王二")).items == ()
        assert [row.display_name for row in (await people.list_people(uow, q="王五")).items] == ["王五"]


async def test_lists_page_through_everybody_once(desk: Desk, people: People, warehouse: Warehouse) -> None:
    result = await desk.resolve(*(desk.row(f"user_id:u{number}") for number in range(7)))
    merged = await desk.resolve(
        desk.row("openid@wx1:o1"), desk.row("openid@wx2:o2"), desk.row("openid@wx1:o1", "openid@wx2:o2")
    )
    everybody = [person or 0 for person in (*result.person_ids, merged.person_ids[0])]
    await store_events(warehouse, desk.tenant, [(everybody[0], "Order Completed", 1, "B-1", "8", "")])
    seen: list[str] = []
    cursor = None
    async with desk.uows.app(desk.tenant) as uow:
        while True:
            page = await people.list_people(uow, cursor=cursor, limit=3)
            seen += [row.id for row in page.items]
            assert page.total == 8
            cursor = page.next_cursor
            if cursor is None:
                break
        within = await people.list_people(uow, within=[everybody[0], everybody[2]], limit=1)
    assert seen == [encode_id("per", person) for person in sorted(everybody, reverse=True)]
    assert (within.total, [row.id for row in within.items]) == (2, [encode_id("per", everybody[2])])
    last = (await rows(desk, people, everybody[0]))[0]
    assert (last.orders, last.revenue, last.display_name) == (1, "8", encode_id("per", everybody[0]))


async def test_amounts_of_two_currencies_are_never_added(
    desk: Desk, people: People, warehouse: Warehouse
) -> None:
    """The brand's own currency leads; somebody who only bought abroad is shown in theirs."""
    both, abroad = (
        person or 0 for person in (await desk.resolve(*map(desk.row, ("user_id:a", "user_id:b")))).person_ids
    )
    buy = "Order Completed"
    dollars = [
        (both, buy, 1, "U-1", "20", ""),
        (both, buy, 2, "U-2", "20", ""),
        (abroad, buy, 3, "U-3", "7.5", ""),
    ]
    await store_events(warehouse, desk.tenant, dollars, currency="USD")
    await store_events(warehouse, desk.tenant, [(both, buy, 4, "C-1", "30", "")], currency="CNY")
    await store_events(warehouse, desk.tenant, [(both, "Order Refunded", 5, "C-1", "-10", "")], currency="")

    home, away = await rows(desk, people, both, abroad)

    assert (home.orders, home.revenue, home.currency) == (3, "20", "CNY")
    assert (away.orders, away.revenue, away.currency) == (1, "7.5", "USD")


async def rows(desk: Desk, people: People, *person_ids: int) -> Any:
    async with desk.uows.app(desk.tenant) as uow:
        return await people.rows(uow, [PersonId(one) for one in person_ids])


async def test_pages_do_without_history_while_the_warehouse_is_away(desk: Desk) -> None:
    people = People(desk.key_ring, Warehouse.at("http://127.0.0.1:1", connect_limit_s=1))
    result = await desk.resolve(desk.row("user_id:u1"))
    (row,) = await rows(desk, people, result.person_ids[0] or 0)
    assert (row.orders, row.revenue) == (None, None)


async def test_higher_modules_add_what_they_know(desk: Desk, people: People) -> None:
    class Enrichment:
        async def rows(self, uow: UnitOfWork, person_ids: Sequence[PersonId]) -> dict[PersonId, RowExtras]:
            return {person_ids[0]: RowExtras(rfm_class="champions", reachable=True)}

        async def profile(self, uow: UnitOfWork, person_id: PersonId) -> ProfileExtras:
            rfm = RfmView(recency_days=3, frequency=2, monetary="9.5", r=5, f=4, m=3, rfm_class="champions")
            return ProfileExtras(rfm=rfm, reachable=True)

    people.enrich_with(Enrichment())
    person = PersonId((await desk.resolve(desk.row("user_id:u1"))).person_ids[0] or 0)
    (row,) = await rows(desk, people, person)
    assert (row.rfm_class, row.reachable) == ("champions", True)
    async with desk.uows.app(desk.tenant) as uow:
        profile = await people.get_profile(uow, person)
    assert profile.model_dump(mode="json", by_alias=True)["rfm"]["class"] == "champions"


async def test_computed_attributes_replace_themselves_and_reach_the_warehouse(
    desk: Desk, people: People, warehouse: Warehouse, copier: ProfileCopier
) -> None:
    person = PersonId((await desk.resolve(desk.row("user_id:u1", minute=-9))).person_ids[0] or 0)
    for value in ("sleeping", "champions"):
        async with desk.uows.system(desk.tenant) as uow:
            writes = [
                AttributeWrite(person_id=person, key="rfm_class", value=value),
                AttributeWrite(person_id=person, key="rfm_monetary", value=12.5),
                AttributeWrite(person_id=PersonId(2_000_000_000), key="rfm_class", value=value),
            ]
            assert await people.set_attributes(uow, writes, source="rfm", occurred_at=AT) == 1
    async with desk.uows.app(desk.tenant) as uow:
        assert await people.attributes_of(uow, [person]) == {
            person: {"rfm_class": "champions", "rfm_monetary": 12.5}
        }
    await copier.copy_changes(desk.tenant)
    gate = warehouse.for_tenant(desk.tenant)
    assert await gate.query(
        "SELECT person, attributes.rfm_class.:String, attributes.rfm_monetary.:Float64 FROM profiles FINAL "
        "WHERE tenant_id = {tenant:UInt32}"
    ) == [(person, "champions", 12.5)]


async def test_the_warehouse_follows_merges_and_unmerges(
    desk: Desk, people: People, warehouse: Warehouse, copier: ProfileCopier
) -> None:
    gate = warehouse.for_tenant(desk.tenant)

    async def profiles() -> list[tuple[Any, ...]]:
        return await gate.query(
            "SELECT person, deleted, toJSONString(attributes), first_seen_at, last_seen_at "
            "FROM profiles FINAL WHERE tenant_id = {tenant:UInt32} ORDER BY person"
        )

    async def canonical(person: int) -> int:
        found = await gate.query(
            "SELECT dictGetOrDefault('person_canonical', 'canonical', {person:UInt64}, {person:UInt32}) "
            "FROM numbers(1) WHERE {tenant:UInt32} > 0",
            {"person": person},
        )
        return int(found[0][0])

    result = await desk.resolve(
        desk.row("openid@wx1:o1", minute=1, traits={"city": "上海", "phone": "13800138000", "name": "李雷"}),
        desk.row("openid@wx2:o2", minute=2, traits={"city": "北京", "note": 'a\tb\\"c"\n'}),
    )
    one, two = (person or 0 for person in result.person_ids)
    assert await copier.copy_changes(desk.tenant) == 2
    first_copy = await profiles()
    assert [(row[0], row[1]) for row in first_copy] == [(one, 0), (two, 0)]
    assert "13800138000" not in str(first_copy)
    assert "李雷" not in str(first_copy)
    assert '"has_phone":true' in first_copy[0][2]
    assert '"note":"a\\tb\\\\\\"c\\"\\n"' in first_copy[1][2]

    async with desk.uows.app(desk.tenant) as uow:
        await people.link(
            uow, identifier("openid@wx1:o1"), identifier("openid@wx2:o2"), actor="user:1", reason="test"
        )
    await copier.copy_changes(desk.tenant)
    merged = await profiles()
    assert [(row[0], row[1], row[3], row[4]) for row in merged] == [
        (one, 0, AT + timedelta(minutes=1), AT + timedelta(minutes=2)),
        (two, 1, AT + timedelta(minutes=2), AT + timedelta(minutes=2)),
    ]
    assert '"city":"北京"' in merged[0][2]
    assert (await canonical(one), await canonical(two)) == (one, one)

    async with desk.uows.app(desk.tenant) as uow:
        await people.unlink(
            uow, identifier("openid@wx1:o1"), identifier("openid@wx2:o2"), actor="user:1", reason="test"
        )
    assert await copier.copy_changes(desk.tenant) == 2
    assert await profiles() == first_copy
    assert (await canonical(one), await canonical(two)) == (one, two)
    assert await copier.copy_changes(desk.tenant) == 0


async def test_senders_find_addresses_in_bulk(desk: Desk, people: People) -> None:
    result = await desk.resolve(
        desk.row("openid@wx1:o1", "unionid@wx:U"),
        desk.row("openid@wx2:o2", "unionid@wx:U", minute=1),
        desk.row("openid@wx2:o3"),
    )
    one, two, three = (PersonId(person or 0) for person in result.person_ids)
    async with desk.uows.app(desk.tenant) as uow:
        assert await people.openids_of(uow, [one, three, PersonId(2_000_000_000)], "wx1") == {one: "o1"}
        assert await people.openids_of(uow, [one, two, three], "wx2") == {one: "o2", two: "o2", three: "o3"}
        assert [one.value for one in await people.locate(uow, one, "openid")] == ["o1", "o2"]
        found = await people.people_by_identifier(
            uow, [identifier("openid@wx2:o3"), identifier("user_id:null"), identifier("openid@wx1:o3")]
        )
        assert found == [three, None, None]
        assert await people.canonical_ids(uow, [one, two]) == {one: min(one, two), two: min(one, two)}
        assert await people.display_names(uow, [three]) == {three: encode_id("per", three)}


async def test_brands_do_not_see_each_other(desk: Desk, people: People, tenant_id: TenantId) -> None:
    result = await desk.resolve(desk.row("user_id:u1", traits={"name": "李雷"}))
    person = PersonId(result.person_ids[0] or 0)
    async with desk.uows.app(TenantId(tenant_id + 500_000)) as uow:
        assert (await people.list_people(uow)).items == ()
        assert (await people.list_people(uow, q="李雷")).items == ()
        assert await people.rows(uow, [person]) == ()
        assert await people.people_by_identifier(uow, [identifier("user_id:u1")]) == [None]
        with pytest.raises(PersonNotFound):
            await people.get_profile(uow, person)


@pytest.fixture
async def client(desk: Desk, people: People) -> Any:
    async def authenticate(request: Request) -> web.Caller:
        return web.Caller(desk.tenant, 1, "ling", permissions=ALL)

    async def members(uow: UnitOfWork, segment: str) -> Sequence[int]:
        found = await uow.execute("SELECT min(id) AS id FROM person")
        return [found.one().id]

    app = FastAPI()
    web.install(app, authenticate=authenticate, uows=desk.uows)
    app.include_router(router(people, members, PersonTags(Warehouse.at("http://127.0.0.1:1"))))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as opened:
        yield opened


async def test_the_door_answers_and_refuses(
    desk: Desk, client: httpx.AsyncClient, warehouse: Warehouse
) -> None:
    result = await desk.resolve(desk.row("user_id:u1", traits={"name": "李雷"}), desk.row("user_id:u2"))
    one, two = (encode_id("per", person or 0) for person in result.person_ids)
    order = (result.person_ids[0] or 0, "Order Completed", 0, "A", "1.5", "")
    await store_events(warehouse, desk.tenant, [order])

    listed = (await client.get("/api/v1/people", params={"limit": 1})).json()
    assert ([row["id"] for row in listed["items"]], listed["total"]) == ([two], 2)
    more = (await client.get("/api/v1/people", params={"cursor": listed["next_cursor"]})).json()
    assert [(row["id"], row["revenue"]) for row in more["items"]] == [(one, "1.5")]
    in_segment = (await client.get("/api/v1/people", params={"segment": "seg_1"})).json()
    assert [row["id"] for row in in_segment["items"]] == [one]
    profile = (await client.get(f"/api/v1/people/{one}")).json()
    assert (profile["display_name"], profile["rfm"], profile["segments"]) == ("李雷", None, [])
    timeline = (await client.get(f"/api/v1/people/{one}/timeline")).json()
    assert [(item["name"], item["revenue"]) for item in timeline["items"]] == [("Order Completed", "1.5")]

    refusals = {
        "/api/v1/people/per_1zzzz": (404, "people.not_found"),
        "/api/v1/people/per_zzzzzzzzzz": (404, "people.not_found"),
        "/api/v1/people/seg_1": (422, "quanyu.invalid_id"),
        "/api/v1/people?cursor=x": (422, "quanyu.invalid_cursor"),
        "/api/v1/people?limit=0": (422, "quanyu.invalid_input"),
    }
    for path, expected in refusals.items():
        response = await client.get(path)
        assert (response.status_code, response.json()["code"]) == expected, path
