"""Data quality by hand (B14): five people, two sources, every finding, and whoever is behind it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from integration.insight.studied import behind
from integration.segments.world import Api, Brand
from quanyu.flows.intake import IntakeEvent
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import FactIdentifier
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import encode_id
from quanyu.modules.insight.quality import routes
from quanyu.modules.insight.quality.study import QualityDesk, quality_desk
from quanyu.modules.insight.studies.contracts import GroupPeople
from quanyu.modules.tenants.service import Tenants

PATH = "/api/v1/quality"
SETTINGS = {
    "fresh_days": 100,
    "placeholders": ["神秘"],
    "rules": [{"key": "city", "wanted": 0.8}, {"key": "level", "allowed": ["银", "金"], "weight": 3}],
}


def told(user: str, source: str, at: datetime, traits: dict[str, Any], *also: tuple[str, str]) -> IntakeEvent:
    return IntakeEvent(
        kind="identify",
        name="",
        source=source,
        message_id=f"{source}:{user}:{at.isoformat()}",
        occurred_at=at,
        identifiers=tuple(
            FactIdentifier(namespace=namespace, scope="", value=value)
            for namespace, value in ((("user_id", user),) if user else ()) + also
        ),
        traits=traits,
    )


@pytest.fixture
def desk(brand: Brand, warehouse: Warehouse, key_ring: KeyRing) -> QualityDesk:
    return quality_desk(brand.uows, warehouse, brand.people, Tenants(), key_ring)


async def test_every_finding_is_counted_scored_and_has_its_people(brand: Brand, desk: QualityDesk) -> None:
    api = Api(brand, routes.router(desk))
    now = brand.clock.now()
    long_ago, lately = now - timedelta(days=200), now - timedelta(days=3)
    await brand.tell(
        told("a", "shop", lately, {"city": "杭州", "level": "金", "id_card": "11010519491231002X"}),
        told("b", "shop", lately, {"city": "无", "level": "钻", "id_card": "11010519491231002X"}),
        told("c", "shop", long_ago, {"city": "上海"}),
        # The till says otherwise, and later: its word counts.
        told("c", "till", long_ago + timedelta(days=1), {"city": "北京"}),
        told("d", "till", lately, {"city": "神秘", "level": "银"}),
        # Replaced by the same source: no conflict.
        told("e", "till", lately - timedelta(days=1), {"level": "银"}),
        told("e", "till", lately, {"level": "金"}),
    )
    assert (await api.call("PUT", f"{PATH}/settings", SETTINGS))[0] == 200
    assert await desk.run(brand.tenant) == 0  # It says nothing of single people.

    _, summary = await api.call("GET", PATH)
    card = summary["card"]
    rows = {row["key"]: row for row in card["attributes"]}
    assert (card["people"], sorted(rows)) == (5, ["city", "id_card", "level"])
    found = {
        key: {one["finding"]: (one["people"], one["share"]) for one in row["findings"]}
        for key, row in rows.items()
    }
    assert found == {
        "city": {"missing": (1, 0.2), "placeholder": (2, 0.5), "stale": (1, 0.25), "conflict": (1, 0.25)},
        "level": {"missing": (1, 0.2), "not_allowed": (1, 0.25)},
        "id_card": {"missing": (3, 0.6), "shared": (2, 1.0)},
    }
    # 4 of 5 have a city where 80 % should; without an identifier the weights are those of 0.9.
    assert rows["city"]["score"] == pytest.approx((30 + 30 * 0.5 + 15 * 0.75 + 15 * 0.75) / 0.9, abs=0.1)
    assert rows["level"]["score"] == pytest.approx((30 * 0.8 + 30 * 0.75 + 15 + 15) / 0.9, abs=0.1)
    assert rows["id_card"]["score"] == pytest.approx(30 * 0.4 + 30 + 15 + 15 + 0, abs=0.1)
    assert [one["overwritten"] for one in (rows["city"], rows["level"])] == [1, 1]
    assert rows["city"]["told_by"] == {"shop": 2, "till": 2}
    scores = {key: row["score"] for key, row in rows.items()}
    assert card["attributes_score"] == pytest.approx(
        (scores["city"] + 3 * scores["level"] + scores["id_card"]) / 5, abs=0.05
    )
    sources = {row["source"]: row for row in card["sources"]}
    # Of the shop's 6 values that count two are none; nothing of its events was counted by a door here.
    parts = {one["part"]: one["value"] for one in sources["shop"]["parts"]}
    assert (sources["shop"]["values"], parts["valid"]) == (6, pytest.approx(4 / 6, abs=1e-4))
    assert card["score"] == pytest.approx((card["attributes_score"] + card["sources_score"]) / 2, abs=0.06)

    who = {user: encode_id("per", await brand.person(user)) for user in "abcde"}
    for label, users in (
        ("missing:city", "e"),
        ("placeholder:city", "bd"),
        ("stale:city", "c"),
        ("conflict:city", "c"),
        ("not_allowed:level", "b"),
        ("shared:id_card", "ab"),
    ):
        people, page = await behind(api, f"{PATH}/people", {"label": label})
        assert people == {who[user] for user in users}, label
        everybody = await desk.everybody(brand.tenant, GroupPeople(label=label), most=10)
        assert list(everybody.people) == await brand.ids(*users)
        is_askable = label == "missing:city"
        assert (page["definition"] is not None) is is_askable
    assert (await api.call("POST", f"{PATH}/people", {"label": "stale:height"}))[0] == 422


async def test_a_merge_joins_what_is_known_and_scores_have_a_history(brand: Brand, desk: QualityDesk) -> None:
    now = brand.clock.now()
    await brand.tell(
        told("a", "shop", now, {"city": "杭州"}),
        told("", "till", now - timedelta(days=1), {"city": "上海"}, ("unionid", "u1")),
    )
    await desk.run(brand.tenant, as_of=now)
    assert (await _city(brand, desk))[:2] == (2, 2)
    await brand.tell(told("a", "shop", now + timedelta(minutes=1), {"level": "金"}, ("unionid", "u1")))
    await desk.run(brand.tenant, as_of=now + timedelta(days=1))

    # Whoever was two people has one city, of which two sources say different things.
    assert await _city(brand, desk) == (1, 1, [1], 2, 2)


async def _city(brand: Brand, desk: QualityDesk) -> tuple[int, int, list[int], int, int]:
    async with brand.uows.app(brand.tenant) as uow:
        card = (await desk.summary(uow)).card
    assert card is not None
    city = next(one for one in card.attributes if one.key == "city")
    conflicts = [one.people for one in city.findings if one.finding == "conflict"]
    return card.people, city.filled, conflicts, len(card.history), len(city.history)
