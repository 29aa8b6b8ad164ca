"""Lists: files and snapshots become members like any others, and follow their people."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from integration.segments.test_membership import VIEWED, copied, create, members, on_device
from integration.segments.world import Api, Brand, happened
from quanyu.flows.figure_lists import FigureLists
from quanyu.flows.figure_lists import router as figure_router
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import FactIdentifier
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, decode_id, encode_id
from quanyu.modules.insight.behaviour.asker import Asker
from quanyu.modules.insight.behaviour.whole import WholeFigures
from quanyu.modules.people.contracts import Identifier
from quanyu.modules.segments.lists import routes
from quanyu.modules.segments.lists.contracts import ListMode, ListView, ReadFile, SaveSnapshot
from quanyu.modules.segments.lists.errors import ListTooLarge, NotAList, UnreadableList
from quanyu.modules.segments.lists.following import ListPeople
from quanyu.modules.segments.lists.service import Lists
from quanyu.modules.tenants.service import Tenants


@pytest.fixture
def lists(brand: Brand, warehouse: Warehouse, key_ring: KeyRing) -> Lists:
    return Lists(brand.uows, warehouse, key_ring, brand.segments)


@pytest.fixture
async def known(brand: Brand) -> dict[str, int]:
    """Four people, known by telephone, openid and member number."""
    now = brand.clock.now()
    await brand.tell(
        *(
            happened("Viewed", user, now, also=(("phone", f"1380013800{n}"), ("member_no", f"VIP-{n}")))
            for n, user in enumerate(("a", "b", "c"))
        ),
        happened("Other", "d", now),
    )
    return {user: await brand.person(user) for user in "abcd"}


async def upload(lists: Lists, brand: Brand, content: str, **asked: Any) -> ListView:
    return await lists.upload_new(
        brand.tenant,
        name="名单",
        description="",
        asked=ReadFile(**asked),
        content=content.encode(),
        by="王芳",
    )


async def evaluated(brand: Brand, view: ListView) -> list[int]:
    segment = decode_id("seg", view.segment.id)
    await brand.refresher.refresh(brand.tenant, segment)
    assert await members(brand, segment) == await copied(brand, segment)
    return await members(brand, segment)


async def test_a_file_becomes_members_and_tells_what_it_could_not_use(
    brand: Brand, lists: Lists, known: dict[str, int]
) -> None:
    content = (
        "姓名,手机号,会员号\n甲,138 0013 8000,\n乙,,VIP-1\n又是甲,+8613800138000,VIP-0\n"
        "谁,13800138000,VIP-2\n陌生,13900139000,\n坏,电话,\n空,,\n"
    )
    view = await upload(lists, brand, content, file_name="五月.csv")

    newest = view.versions[0]
    assert (newest.lines, newest.matched, newest.repeated, newest.entries) == (7, 2, 1, 2)
    assert newest.rejected == {"ambiguous": 1, "unknown": 1, "unusable": 2}
    assert (newest.made_by, newest.origin, newest.state, newest.as_of) == (
        "王芳", "upload", "done", brand.clock.now(),
    )  # fmt: skip
    assert newest.detail["columns"] == [
        {"name": "手机号", "identifier": "phone"}, {"name": "会员号", "identifier": "member_no"}
    ]  # fmt: skip
    assert await evaluated(brand, view) == sorted((known["a"], known["b"]))
    segment = view.segment.id
    assert await brand.facts() == [
        ("segments.entered", person, segment) for person in sorted((known["a"], known["b"]))
    ]
    async with brand.uows.app(brand.tenant) as uow:
        told = await lists.rejects(uow, decode_id("seg", segment), 1)
    rows = list(csv.reader(io.StringIO(told.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["行号 line", "5", "6", "7", "8"]
    assert rows[1][1:] == ["对应多个人", "it names several people", "13800138000", "VIP-2"]
    assert rows[3][3] == "电话"


async def test_what_somebody_is_in_is_told_with_the_instant_they_came_in_the_latest_first(
    brand: Brand, lists: Lists, known: dict[str, int]
) -> None:
    """B3: the profile says since when."""
    first = brand.clock.now()
    segment = await create(brand, VIEWED)
    await brand.refresher.refresh(brand.tenant, segment)
    brand.clock.advance(timedelta(hours=3))
    view = await upload(lists, brand, "手机号\n13800138000\n", file_name="五月.csv")
    await evaluated(brand, view)

    async with brand.uows.app(brand.tenant) as uow:
        found = await brand.segments.of_person(uow, PersonId(known["a"]))
    assert [(one.name, one.since, one.is_list) for one in found] == [
        ("名单", brand.clock.now(), True),
        ("Active", first, False),
    ]


async def test_a_new_version_adds_or_replaces_and_never_empties(
    brand: Brand, lists: Lists, known: dict[str, int]
) -> None:
    view = await upload(lists, brand, "VIP-0\nVIP-1\n", identifier="member_no")
    segment = decode_id("seg", view.segment.id)
    assert await evaluated(brand, view) == sorted((known["a"], known["b"]))

    async def again(content: str, mode: ListMode) -> ListView:
        brand.clock.advance(timedelta(minutes=1))
        return await lists.upload(
            brand.tenant, segment, mode=mode, asked=ReadFile(), content=content.encode(), by="李"
        )

    added = await again(f"id\n{encode_id('per', known['d'])}\n", ListMode.ADD)
    assert (added.entries, await evaluated(brand, added)) == (
        3, sorted((known["a"], known["b"], known["d"])),
    )  # fmt: skip
    refused = await again("手机号\n13900139000\n", ListMode.REPLACE)
    assert (refused.versions[0].state, refused.versions[0].rejected) == ("refused", {"unknown": 1})
    assert len(await evaluated(brand, refused)) == 3
    replaced = await again("会员号\nVIP-2\n", ListMode.REPLACE)
    assert await evaluated(brand, replaced) == [known["c"]]
    assert [(one.version, one.mode, one.entries) for one in replaced.versions] == [
        (4, "replace", 1), (3, "replace", 0), (2, "add", 3), (1, "replace", 2),
    ]  # fmt: skip
    async with brand.uows.system(brand.tenant) as uow:
        kept = await uow.execute(
            "SELECT count(*) FROM segment_list_entry WHERE tenant_id = :t", {"t": brand.tenant}
        )
        assert kept.scalar_one() == 1


async def test_values_in_several_places_are_ambiguous_unless_the_place_is_named(
    brand: Brand, lists: Lists
) -> None:
    now = brand.clock.now()
    await brand.tell(
        *(
            happened("Viewed", user, now).__class__(
                kind="track", name="Viewed", source="shop", message_id=user, occurred_at=now,
                identifiers=(FactIdentifier(namespace="openid", scope=scope, value="o-same"),),
            )
            for user, scope in (("x", "wx1"), ("y", "wx2"))
        )
    )  # fmt: skip
    both = await upload(lists, brand, "openid\no-same\n")
    assert both.versions[0].rejected == {"ambiguous": 1}
    async with brand.uows.system(brand.tenant) as uow:
        (whose,) = await brand.people.people_by_identifier(uow, [Identifier("openid", "wx2", "o-same")])
    one = await lists.upload(
        brand.tenant, decode_id("seg", both.segment.id), mode=ListMode.REPLACE, by="王",
        asked=ReadFile(identifier="openid", scope="wx2"), content=b"openid\no-same\n",
    )  # fmt: skip
    assert await evaluated(brand, one) == [whose]


async def test_a_snapshot_keeps_who_was_in_sets_of_segments(
    brand: Brand, lists: Lists, known: dict[str, int]
) -> None:
    viewed = await create(brand, {"kind": "event", "name": "Viewed"}, "Viewed")
    vip = await upload(lists, brand, "VIP-0\n")
    for segment in (viewed, decode_id("seg", vip.segment.id)):
        await brand.refresher.refresh(brand.tenant, segment)
    rest = {
        "kind": "all",
        "of": [
            {"kind": "segment", "segment": encode_id("seg", viewed)},
            {"kind": "not", "of": {"kind": "segment", "segment": vip.segment.id}},
        ],
    }
    view = await lists.snapshot(brand.tenant, SaveSnapshot(name="差集", definition=rest), by="王芳")
    assert await evaluated(brand, view) == sorted((known["b"], known["c"]))
    assert view.versions[0].detail == {"definition": rest}

    brand.clock.advance(timedelta(hours=1))
    await brand.tell(happened("Viewed", "e", brand.clock.now()))
    await brand.refresher.refresh(brand.tenant, viewed)
    assert len(await members(brand, viewed)) == 4
    assert await evaluated(brand, view) == sorted((known["b"], known["c"]))


async def test_entries_follow_merges_and_come_back(brand: Brand, lists: Lists) -> None:
    """People come apart again, each with exactly the entries that named them."""
    now = brand.clock.now()
    await brand.tell(on_device("x", now), on_device("y", now))
    devices = [Identifier("device", "", f"{user}-phone") for user in "xy"]
    async with brand.uows.system(brand.tenant) as uow:
        x, y = await brand.people.people_by_identifier(uow, devices)
    view = await upload(lists, brand, "y-phone\n", identifier="device")
    assert await evaluated(brand, view) == [y]
    facts = await brand.facts()

    async with brand.uows.system(brand.tenant) as uow:
        linked = await brand.people.link(uow, *devices, actor="test", reason="same")
        await ListPeople().follow_merges(uow, {one.from_id: one.to_id for one in linked.merges})  # type: ignore[misc]
    await brand.drain()
    merged = await evaluated(brand, view)
    assert merged == [linked.people[0]]
    async with brand.uows.system(brand.tenant) as uow:
        brand.clock.advance(timedelta(minutes=1))
        parted = await brand.people.unlink(uow, *devices, actor="test", reason="not the same")
        await ListPeople().follow_splits(uow, parted.departures)
    await brand.drain()
    assert await evaluated(brand, view) == [y]
    # The merge moved nobody; who came apart is somebody else again.
    later = (await brand.facts())[len(facts) :]
    assert sorted((name, person) for name, person, _ in later) == [
        ("segments.entered", y),
        ("segments.left", x),
    ]


async def test_entries_of_identifiers_without_an_id_go_with_the_identifier(
    brand: Brand, lists: Lists
) -> None:
    now = brand.clock.now()
    await brand.tell(
        happened("", "p", now, kind="identify", also=(("phone", "13800138111"),)),
        happened("", "q", now + timedelta(seconds=1), kind="identify"),
    )
    view = await upload(lists, brand, "13800138111\n", identifier="phone")
    assert await evaluated(brand, view) == [await brand.person("p")]
    phone, user = Identifier("phone", "", "13800138111"), Identifier("user_id", "", "p")
    async with brand.uows.system(brand.tenant) as uow:
        parted = await brand.people.unlink(uow, phone, user, actor="test", reason="lent the telephone")
        moved = await ListPeople().follow_splits(uow, parted.departures)
        (whose,) = await brand.people.people_by_identifier(uow, [phone])
    await brand.drain()
    assert moved == 1
    assert whose != await brand.person("p")
    assert await evaluated(brand, view) == [whose]


async def test_other_segments_ask_for_a_list_and_its_deletion_takes_everything(
    brand: Brand, lists: Lists, known: dict[str, int]
) -> None:
    view = await upload(lists, brand, "VIP-0\nVIP-1\n")
    listed = decode_id("seg", view.segment.id)
    asking = await create(brand, {"kind": "segment", "segment": view.segment.id}, "asks")
    await evaluated(brand, view)
    await brand.refresher.refresh(brand.tenant, asking)
    assert await members(brand, asking) == sorted((known["a"], known["b"]))
    async with brand.uows.app(brand.tenant) as uow:
        await brand.segments.delete(uow, asking)
        await brand.segments.delete(uow, listed)
    await brand.refresher.tick(brand.tenant)
    async with brand.uows.system(brand.tenant) as uow:
        left = await uow.execute(
            "SELECT (SELECT count(*) FROM segment_list WHERE tenant_id = :t), "
            "(SELECT count(*) FROM segment_list_version WHERE tenant_id = :t), "
            "(SELECT count(*) FROM segment_list_entry WHERE tenant_id = :t)",
            {"t": brand.tenant},
        )
        assert tuple(left.one()) == (0, 0, 0)
    assert await copied(brand, decode_id("lst", view.segment.definition["list"])) == []


async def test_rejected_rows_and_unfinished_versions_are_not_kept(
    brand: Brand, lists: Lists, known: dict[str, int]
) -> None:
    view = await upload(lists, brand, "VIP-0\nVIP-9\n")
    async with brand.uows.system(brand.tenant) as uow:
        await uow.execute(
            "UPDATE segment_list_version SET state = 'writing' WHERE tenant_id = :t", {"t": brand.tenant}
        )
    brand.clock.advance(timedelta(days=31))
    await brand.refresher.tick(brand.tenant)
    async with brand.uows.app(brand.tenant) as uow:
        later = await lists.view(uow, decode_id("seg", view.segment.id))
    assert (later.versions[0].has_rejects, later.versions[0].state) == (False, "failed")


async def test_limits_and_refusals_save_nothing(
    brand: Brand, lists: Lists, known: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnreadableList, match="empty"):
        await upload(lists, brand, " \n")
    with pytest.raises(UnreadableList):
        await upload(lists, brand, 'a,b\n"open')
    with pytest.raises(UnreadableList, match="no column"):
        await upload(lists, brand, "a,b\n1,2\n", column="手机")
    with monkeypatch.context() as patched:
        patched.setattr("quanyu.modules.segments.lists.reading.LINES_MAX", 2)
        with pytest.raises(ListTooLarge, match="2 rows"):
            await upload(lists, brand, "VIP-0\nVIP-1\nVIP-2\n")
    with monkeypatch.context() as patched:
        patched.setattr("quanyu.modules.segments.lists.service.ENTRIES_MAX", 2)
        everyone = SaveSnapshot(name="all", definition={"kind": "all", "of": []})
        with pytest.raises(ListTooLarge, match="these are 4"):
            await lists.snapshot(brand.tenant, everyone, by="王")
    async with brand.uows.app(brand.tenant) as uow:
        assert await brand.segments.list_all(uow) == ()
    rule = await create(brand, {"kind": "event", "name": "Viewed"})
    with pytest.raises(NotAList):
        await lists.upload(brand.tenant, rule, mode=ListMode.ADD, asked=ReadFile(), content=b"VIP-0", by="王")


async def test_over_the_wire(brand: Brand, lists: Lists, known: dict[str, int], segments_api: Api) -> None:
    status, made = await segments_api.call(
        "POST",
        "/api/v1/segments/lists/upload",
        raw="会员号\nVIP-0\nVIP-7\n".encode(),
        name="线上",
        file_name="a.csv",
    )
    assert (status, made["segment"]["kind"], made["versions"][0]["matched"]) == (201, "list", 1)
    segment = made["segment"]
    renamed = {"name": "改名", "definition": segment["definition"]}
    status, _ = await segments_api.call("PUT", f"/api/v1/segments/{segment['id']}", renamed)
    assert status == 200
    wrong = {"name": "改名", "definition": {"kind": "all", "of": []}}
    status, refused = await segments_api.call("PUT", f"/api/v1/segments/{segment['id']}", wrong)
    assert (status, refused["code"]) == (409, "segments.is_list")
    status, refused = await segments_api.call(
        "POST", "/api/v1/segments/preview", {"definition": segment["definition"]}
    )
    assert (status, refused["code"]) == (422, "segments.invalid_definition")
    status, shown = await segments_api.call("GET", f"/api/v1/segments/{segment['id']}/list")
    assert (status, shown["segment"]["name"], shown["entries"]) == (200, "改名", 1)


@pytest.fixture
def segments_api(brand: Brand, lists: Lists) -> Api:
    return Api(brand, first=(routes.router(lists),))


async def test_the_people_behind_a_figure_become_a_list(
    brand: Brand, lists: Lists, warehouse: Warehouse, known: dict[str, int]
) -> None:
    asker = Asker(warehouse, brand.people, Tenants(), brand.uows)
    unused: Any = None
    figures = FigureLists(WholeFigures(asker), unused, unused, unused, lists)
    api = Api(brand, first=(figure_router(figures),))
    query = {"steps": [{"name": "Viewed"}, {"name": "Bought"}], "period": {"kind": "last_days", "days": 7}}
    body = {"query": query, "step": 1, "which": "dropped"}
    asked = {"name": "看了没买", "of": "behaviour/funnel", "body": body}

    status, made = await api.call("POST", "/api/v1/segments/lists/figure", asked)
    assert (status, made["versions"][0]["origin"], made["entries"]) == (201, "figure", 3)
    await brand.refresher.refresh(brand.tenant, decode_id("seg", made["segment"]["id"]))
    assert await members(brand, decode_id("seg", made["segment"]["id"])) == sorted(
        known[user] for user in "abc"
    )
    wrong = {**asked, "name": "again", "body": {**body, "step": 9}}
    status, refused = await api.call("POST", "/api/v1/segments/lists/figure", wrong)
    assert (status, refused["code"]) == (422, "insight.invalid_analysis")
