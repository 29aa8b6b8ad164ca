"""The page people choose on: one person's, signed, for a time, and written down like everything else."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI

from quanyu.infra import web
from quanyu.infra.crypto import KeyRing
from quanyu.infra.rate_limit import RateLimit
from quanyu.kernel.ids import PersonId
from quanyu.modules.people.consent import pages
from quanyu.modules.people.consent.links import PreferenceLinks
from quanyu.modules.tenants.service import Tenants

from .conftest import Office

_FORM = re.compile(r'name="form" value="([0-9a-f]{32})"')
_CHANNELS = ("official_account", "mini_program", "wecom", "sms", "email", "call")


@pytest.fixture
def links(key_ring: KeyRing) -> PreferenceLinks:
    return PreferenceLinks(key_ring, "http://brand.test/")


@pytest.fixture
async def visitor(office: Office, links: PreferenceLinks) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()

    async def nobody(request: object) -> web.Caller:
        raise AssertionError("the page asks nobody to sign in")

    web.install(app, authenticate=nobody, uows=office.brand.uows)
    app.include_router(pages.router(office.consent, links, Tenants(), office.brand.uows))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://brand.test") as client:
        yield client


async def link_of(office: Office, links: PreferenceLinks, user: str, **lasts: int) -> str:
    person = PersonId(await office.brand.person(user))
    span = timedelta(**lasts) if lasts else timedelta(days=90)
    return links.make(office.brand.tenant, person, office.brand.clock.now(), span)[0]


async def test_choosing_is_written_down_with_the_version_that_was_read(
    office: Office, links: PreferenceLinks, visitor: httpx.AsyncClient
) -> None:
    await office.arrive("u1")
    for number in (1, 2):
        text = {"text_zh": f"第 {number} 版 <b>", "text_en": f"Version {number}"}
        await office.call("POST", "/consent-purposes/marketing/texts", text)
    url = await link_of(office, links, "u1")
    shown = await visitor.get(url)
    assert shown.status_code == 200
    assert "第 2 版 &lt;b&gt;" in shown.text
    assert "服务通知" in shown.text
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert shown.headers["cache-control"] == "no-store"
    assert "<script" not in shown.text
    (form,) = _FORM.findall(shown.text)
    await office.call("POST", "/consent-purposes/marketing/texts", {"text_zh": "三", "text_en": "three"})

    on = [f"marketing/{channel}" for channel in _CHANNELS if channel != "sms"]
    for _ in range(2):  # Sent twice, it is one statement.
        saved = await visitor.post(url, data={"form": form, "on": on, "text": "marketing@2"})
        assert saved.status_code == 303
    assert "已保存" in (await visitor.get(saved.headers["location"])).text
    assert await office.entries("u1") == [("marketing", "sms", "withdrawn", "page", 2)]

    office.brand.clock.advance(timedelta(minutes=1))
    (form,) = _FORM.findall((await visitor.get(f"{url}?lang=en")).text)
    await visitor.post(url, data={"form": form, "withdraw_all": "1", "on": on, "text": "marketing@3"})
    for channel in _CHANNELS:
        assert await office.state("u1", "marketing", channel) == ("withdrawn", False)
    assert await office.state("u1", "service", "sms") == (None, True)

    office.brand.clock.advance(timedelta(minutes=1))
    (form,) = _FORM.findall((await visitor.get(url)).text)
    every = [f"marketing/{channel}" for channel in _CHANNELS]
    await visitor.post(url, data={"form": form, "on": every, "text": "marketing@3"})
    assert (await office.entries("u1"))[0] == ("marketing", "*", "granted", "page", 3)


async def test_a_link_opens_one_persons_page_until_it_ends(
    office: Office, links: PreferenceLinks, visitor: httpx.AsyncClient
) -> None:
    await office.arrive("u1")
    url = await link_of(office, links, "u1", days=1)
    token = url.rpartition("/")[2]
    for place in (0, 8, len(token) - 2):
        changed = "A" if token[place] != "A" else "B"
        forged = f"/preferences/{token[:place]}{changed}{token[place + 1 :]}"
        assert (await visitor.get(forged)).status_code == 404
    for nonsense in ("x", "é" * 20, "A" * 500):
        assert (await visitor.get(f"/preferences/{nonsense}")).status_code == 404
    assert (await visitor.post(url, data={"form": "nonsense"})).status_code == 400
    nobody = links.make(office.brand.tenant, PersonId(2**31 - 1), office.brand.clock.now())[0]
    assert (await visitor.get(nobody)).status_code == 404
    assert (await visitor.get(url)).status_code == 200
    office.brand.clock.advance(timedelta(days=1))
    assert (await visitor.get(url)).status_code == 404
    assert (await visitor.post(url, data={"form": "0" * 32})).status_code == 404
    assert await office.entries("u1") == []


async def test_who_knocks_too_often_is_asked_to_wait(
    office: Office, links: PreferenceLinks, visitor: httpx.AsyncClient
) -> None:
    answers = {(await visitor.get(f"/preferences/guess{number}")).status_code for number in range(100)}
    assert answers == {404, 429}


def test_a_limit_counts_by_key_and_minute() -> None:
    now = 0.0
    limit = RateLimit(2, keys_max=2, clock=lambda: now)
    assert [limit.takes("a"), limit.takes("a"), limit.takes("a"), limit.takes("b")] == [
        True,
        True,
        False,
        True,
    ]
    now = 60.0
    assert limit.takes("a")
