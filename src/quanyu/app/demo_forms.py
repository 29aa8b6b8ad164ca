"""A questionnaire of the simulated brand, answered by people who came by a message's personal link."""

import asyncio
from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from quanyu.app.forms import FormServices, build_forms
from quanyu.infra.telemetry import get_logger
from quanyu.kernel.errors import AppError
from quanyu.kernel.ids import PersonId, decode_id, encode_id
from quanyu.modules.forms.contracts import FORM_PREFIX, FormId, SaveForm, SubmitAnswers
from quanyu.modules.forms.definition import FormDefinition
from quanyu.modules.forms.tickets import MESSAGE, FormTickets
from quanyu.modules.forms.visitors import Browser

if TYPE_CHECKING:
    from quanyu.app.platform import Platform

_log = get_logger("demo.forms")

NAME: Final = "茶友口味问卷"
_SEED: Final = 20_260_304
_VISITS: Final = 120
_GIVE_UP: Final = 0.15
_PAGES: Final = 3
_TRY_EVERY_S: Final = 3.0
_TEAS: Final = {"oolong": "乌龙", "green": "绿茶", "black": "红茶", "dark": "熟普"}
_OFTEN: Final = {"daily": "每天", "weekly": "每周几次", "seldom": "偶尔"}
_REASONS: Final = {"scent": "香气", "price": "价格", "origin": "产地", "gift": "送礼体面"}
_WORDS: Final = ("希望多一些小包装", "武夷岩茶很喜欢", "物流很快", "想要品鉴会", "茶点再少甜一点", "")


async def furnish_forms(platform: "Platform") -> None:
    """Make the questionnaire unless it is there, and let people answer it as they come.

    Meant to run beside everything else: what fails is logged, and goes on at the next start.
    """
    try:
        forms = _services(platform)
        form_id, token = await _questionnaire(platform, forms)
        await _answers(platform, forms, form_id, token)
    except AppError as error:
        _log.warning("demo.forms_not_furnished", error=type(error).__name__, detail=str(error)[:200])


def _services(platform: "Platform") -> FormServices:
    services = platform.services
    return build_forms(
        services.uows,
        services.keyring,
        services.tenants,
        services.people,
        services.corps,
        services.staff.recognition,
        services.clients,
        services.channels,
        public_url=services.settings.url,
    )


async def _questionnaire(platform: "Platform", forms: FormServices) -> tuple[FormId, str]:
    """Return the form and the secret part of its address."""
    async with platform.services.uows.app(platform.brand.tenant_id) as uow:
        for row in (await forms.desk.list_forms(uow)).items:
            if row.name == NAME:
                return FormId(decode_id(FORM_PREFIX, row.id)), row.url.rpartition("/")[2]
        command = SaveForm(name=NAME, definition=FormDefinition.model_validate(_definition()))
        form_id = await forms.desk.create(uow, command, actor="demo")
        made = await forms.desk.publish(uow, form_id, actor="demo")
        return form_id, made.row.url.rpartition("/")[2]


def _definition() -> dict[str, Any]:
    """Return the questionnaire; who hardly drinks tea skips the second page."""

    def choice(key: str, title: str, options: Mapping[str, str], **more: Any) -> dict[str, Any]:
        listed = [{"key": name, "label": label} for name, label in options.items()]
        return {"key": key, "title": title, "options": listed, **more}

    seldom = {"kind": "chosen", "question": "often", "match": "any", "options": ["seldom"]}
    skip = {"to": "q:nps", "when": [seldom], "match": "all"}
    pages = [
        [choice("often", "您多久喝一次茶？", _OFTEN, kind="single", required=True, jumps=[skip])],
        [
            choice("tea", "最爱哪一类？", _TEAS, kind="single", required=True, attribute="favourite_tea"),
            choice("reasons", "选茶时您看重什么？", _REASONS, kind="multi"),
        ],
        [
            {"kind": "nps", "key": "nps", "title": "您会把我们推荐给朋友吗？", "required": True},
            {"kind": "text", "key": "words", "title": "还想对我们说什么？"},
        ],
    ]
    return {
        "title": NAME,
        "kind": "questionnaire",
        "pages": [{"key": f"p{number}", "questions": asked} for number, asked in enumerate(pages, 1)],
        "thanks": {"title": "收到，谢谢您", "text": "您的口味已记下，下次推荐会更合心意。"},
    }


async def _answers(platform: "Platform", forms: FormServices, form_id: FormId, token: str) -> None:
    """Let each person answer once, until enough have come; who answered before stays as they are."""
    asked: set[PersonId] = set()
    while len(asked) < _VISITS:
        links = await _links(platform, form_id)
        for person_id in sorted(links.keys() - asked)[: _VISITS - len(asked)]:
            asked.add(person_id)
            await _answer(forms, token, person_id, links[person_id])
        await asyncio.sleep(_TRY_EVERY_S)


async def _links(platform: "Platform", form_id: FormId) -> dict[PersonId, str]:
    """Return the personal link of everybody known by now, as a message would carry it."""
    services = platform.services
    tickets = FormTickets(services.keyring, public_url=services.settings.url)
    async with services.uows.app(platform.brand.tenant_id) as uow:
        newest = await services.people.list_people(uow, limit=_VISITS)
        people = [PersonId(decode_id("per", one.id)) for one in newest.items]
        (page,) = (await tickets.pages(uow, [encode_id(FORM_PREFIX, form_id)])).values()
    return {person_id: page(person_id) for person_id in people}


async def _answer(forms: FormServices, token: str, person_id: PersonId, link: str) -> None:
    """Open the page as one person does, go through it, and mostly send it."""
    chance = Random(_SEED + person_id)  # noqa: S311 - tastes, not secrets.
    ticket = parse_qs(urlsplit(link).query)["k"][0]
    browser = Browser(device=person_id.to_bytes(16), ticket=ticket, source=MESSAGE)
    await forms.door.open(token, browser)
    if chance.random() < _GIVE_UP:
        await forms.door.note_page(token, browser.device, chance.randint(0, 1))
        return
    await forms.door.note_page(token, browser.device, _PAGES - 1)
    try:
        await forms.door.submit(token, browser, _said(chance, person_id))
    except AppError as refusal:  # They answered before the platform was started anew, or as somebody merged.
        _log.info("demo.answer_refused", reason=refusal.code)


def _said(chance: Random, person_id: PersonId) -> SubmitAnswers:
    answers: dict[str, Any] = {
        "often": {"picks": [_pick(chance, _OFTEN)]},
        "nps": min(10, chance.randint(5, 11)),
    }
    if answers["often"]["picks"] != ["seldom"]:
        answers["tea"] = {"picks": [_pick(chance, _TEAS)]}
        answers["reasons"] = {"picks": sorted(chance.sample(list(_REASONS), chance.randint(1, 3)))}
    if words := chance.choice(_WORDS):
        answers["words"] = words
    return SubmitAnswers(
        submission=f"demo-{person_id:08d}",
        version=1,
        answers=answers,
        seconds=chance.randint(25, 240),
        source=MESSAGE,
    )


def _pick(chance: Random, options: Mapping[str, str]) -> str:
    """Choose an option; the first are the dearest to most."""
    return chance.choices(list(options), weights=range(len(options), 0, -1))[0]
