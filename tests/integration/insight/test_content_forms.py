"""Preferred content form by hand (B8): an hour of a form is a view, shares are shrunk to the brand's."""

from dataclasses import replace
from datetime import timedelta

import pytest

from integration.insight.studied import behind
from integration.segments.world import Api, Brand, happened
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.insight.content_forms import routes
from quanyu.modules.insight.content_forms.study import content_form_desk
from quanyu.modules.segments.tree import parse_definition
from quanyu.modules.tenants.service import Tenants

PATH = "/api/v1/content_forms"
HOUR = timedelta(hours=1)


async def test_the_preferred_form_is_ones_own_from_enough_views_on(
    brand: Brand, warehouse: Warehouse
) -> None:
    desk = content_form_desk(brand.uows, warehouse, brand.people, Tenants())
    api = Api(brand, routes.router(desk))
    now = brand.clock.now()
    await brand.tell(
        *[happened("Video Playback Started", "watcher", now - at * HOUR) for at in range(4)],
        # Again within the hour: one view.
        happened("Video Viewed", "watcher", now),
        happened("Tea Told", "watcher", now, properties={"content_type": "article"}),
        *[happened("Article Viewed", "reader", now - at * HOUR) for at in range(3)],
        happened("Video Viewed", "few", now),
        # No form, too long ago, of another kind.
        happened("Tea Told", "few", now, properties={"content_type": "smell"}),
        happened("Article Viewed", "few", now - timedelta(days=91)),
        replace(happened("Article Viewed", "few", now), source="quanyu"),
    )
    assert (await api.call("PUT", f"{PATH}/settings", {"views_min": 3, "weight": 3}))[0] == 200
    assert await desk.run(brand.tenant) == 2

    watcher, reader, few = [await brand.person(one) for one in ("watcher", "reader", "few")]
    async with brand.uows.app(brand.tenant) as uow:
        one, other, none = [await desk.of_person(uow, PersonId(who)) for who in (watcher, reader, few)]
        kept = await brand.people.attributes_of(uow, [PersonId(watcher)], desk.study.attributes)
    assert none is None
    assert one is not None
    assert other is not None
    # Of 9 views 5 are of videos and 4 of articles: (4 + 3 · 5/9) / 8, (1 + 3 · 4/9) / 8; (3 + 3 · 4/9) / 6.
    assert (one.label, one.score) == ("video", 0.625)
    assert one.detail["forms"] == [
        {"form": "video", "views": 4, "share": pytest.approx(0.7083)},
        {"form": "article", "views": 1, "share": pytest.approx(0.2917)},
    ]
    assert (other.label, other.detail["forms"]) == (
        "article",
        [{"form": "article", "views": 3, "share": pytest.approx(0.7222)}],
    )
    assert kept[PersonId(watcher)] == {"content_form": "video"}

    _, summary = await api.call("GET", PATH)
    card = summary["card"]
    assert (card["views"], card["viewers"]) == (9, 3)
    assert [(form["form"], form["views"], form["people"]) for form in card["forms"]] == [
        ("video", 5, 2),
        ("article", 4, 2),
    ]
    people, page = await behind(api, f"{PATH}/people", {"label": "video"})
    assert people == {encode_id("per", watcher)}
    await brand.drain()
    at = await brand.segments.evaluation(brand.uows, brand.tenant)
    found = await brand.segments.select(brand.tenant, parse_definition(page["definition"]), at, limit=9)
    assert {encode_id("per", who) for who in found.people} == people


async def test_forms_and_the_field_are_the_brands_choice(brand: Brand, warehouse: Warehouse) -> None:
    desk = content_form_desk(brand.uows, warehouse, brand.people, Tenants())
    api = Api(brand, routes.router(desk))
    assert await desk.run(brand.tenant) == 0
    now = brand.clock.now()
    await brand.tell(
        happened("Course Opened", "a", now, properties={"medium": "picture-text"}),
        happened("Course Opened", "a", now - HOUR, properties={"medium": "picture-text"}),
        happened("Article Viewed", "a", now),
    )
    chosen = {
        "events": [],
        "field": "medium",
        "values": [{"told": "picture-text", "form": "图文"}],
        "views_min": 2,
    }
    assert (await api.call("PUT", f"{PATH}/settings", chosen))[0] == 200
    assert await desk.run(brand.tenant) == 1
    twice = {"values": [{"told": "a", "form": "b"}, {"told": "a", "form": "c"}]}
    assert (await api.call("PUT", f"{PATH}/settings", twice))[0] == 422
    async with brand.uows.app(brand.tenant) as uow:
        figure = await desk.of_person(uow, PersonId(await brand.person("a")))
        assert (await desk.settings(uow)).field == "medium"
    assert figure is not None
    assert figure.label == "图文"
