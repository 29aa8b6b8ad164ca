"""A brand with forms, the page everybody may open, and the pipeline behind it."""

import itertools
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from integration.segments.world import Brand, build_brand
from quanyu.flows.pipeline.react import BatchNames, React
from quanyu.infra.crypto import KeyRing
from quanyu.infra.postgres import Database
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.warehouse import Warehouse
from quanyu.kernel.clock import FixedClock
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.forms.answering import FormDoor
from quanyu.modules.forms.contracts import FormId, SaveForm, SubmitAnswers
from quanyu.modules.forms.definition import FormDefinition
from quanyu.modules.forms.figure_desk import FormFigures
from quanyu.modules.forms.results import FormResultsDesk
from quanyu.modules.forms.service import FormDesk
from quanyu.modules.forms.subscribers import AnswerSubscriber
from quanyu.modules.forms.visitors import Browser, Visitor
from quanyu.modules.forms.word_desk import FormWords
from quanyu.modules.people.contracts import Identifier
from quanyu.modules.people.service import People
from quanyu.modules.tenants.service import Tenants

_NUMBERS = itertools.count(1)


@dataclass
class Tickets:
    """``answering.Visitors`` of tickets that say a user id."""

    people: People

    async def who(self, uow: UnitOfWork, token: str, ticket: str, cookies: Mapping[str, str]) -> Visitor:
        if not ticket:
            return Visitor()
        (found,) = await self.people.people_by_identifier(uow, [Identifier("user_id", "", ticket)])
        if found is None:
            return Visitor()
        return Visitor(person=(await self.people.canonical_ids(uow, [found]))[found])

    async def locate(self, uow: UnitOfWork, person_id: PersonId, namespace: str) -> Sequence[Identifier]:
        return await self.people.locate(uow, person_id, namespace)


@dataclass
class Forms:
    """Makes forms and answers them."""

    brand: Brand
    desk: FormDesk
    door: FormDoor
    results: FormResultsDesk
    figures: FormFigures
    words: FormWords
    react: React
    tokens: dict[FormId, str] = field(default_factory=dict)

    async def publish(self, definition: FormDefinition, form_id: FormId | None = None) -> FormId:
        """Make a form, or its next version, and open it."""
        command = SaveForm(name=f"表单 {next(_NUMBERS)}", definition=definition)
        async with self.brand.uows.app(self.brand.tenant) as uow:
            if form_id is None:
                form_id = await self.desk.create(uow, command, actor="小林")
            else:
                await self.desk.save(uow, form_id, command)
            made = await self.desk.publish(uow, form_id, actor="小林")
            self.tokens[form_id] = made.row.url.rsplit("/", 1)[1]
        return form_id

    async def answer(
        self,
        form_id: FormId,
        answers: dict[str, Any],
        *,
        who: str = "",
        device: bytes | None = None,
        submission: str | None = None,
        version: int = 1,
        **more: Any,
    ) -> dict[str, Any]:
        """Send an answer."""
        command = SubmitAnswers(
            submission=submission or secrets.token_hex(8),
            version=version,
            answers=answers,
            ticket=who,
            **more,
        )
        browser = Browser(device=device or secrets.token_bytes(16))
        shown = await self.door.submit(self.tokens[form_id], browser, command)
        assert shown is not None
        return shown

    async def open(
        self, form_id: FormId, *, who: str = "", device: bytes = b"x" * 16, source: str = ""
    ) -> dict[str, Any]:
        """Open the page."""
        browser = Browser(device=device, ticket=who, source=source)
        shown = await self.door.open(self.tokens[form_id], browser)
        assert shown is not None
        return shown

    async def settle(self) -> None:
        """Let the events of answers come through."""
        await self.brand.drain()
        while await self.react.run_once(self.brand.tenant):
            pass

    async def rows(self, sql: str, **params: Any) -> list[Any]:
        """Ask the database."""
        async with self.brand.uows.system(self.brand.tenant) as uow:
            return list(await uow.execute(sql, {"tenant": self.brand.tenant, **params}))

    async def kept(self, form_id: FormId) -> list[Any]:
        """Return the answers of a form, the earliest first."""
        return await self.rows(
            "SELECT * FROM form_answer WHERE tenant_id = :tenant AND form_id = :form ORDER BY id",
            form=form_id,
        )


@pytest.fixture
def forms(
    database: Database,
    uows: UnitOfWorkFactory,
    clock: FixedClock,
    key_ring: KeyRing,
    warehouse: Warehouse,
    tenant_id: TenantId,
) -> Forms:
    brand = build_brand(
        tenant=tenant_id, uows=uows, clock=clock, database=database, warehouse=warehouse, keys=key_ring
    )
    tenants = Tenants()
    figures = FormFigures(tenants)
    return Forms(
        brand=brand,
        desk=FormDesk(tenants, public_url="https://brand.example"),
        door=FormDoor(uows, key_ring, tenants, Tickets(brand.people)),
        results=FormResultsDesk(key_ring, brand.people, tenants),
        figures=figures,
        words=FormWords(key_ring, figures),
        react=React(uows, AnswerSubscriber(), brand.people.canonical_ids, BatchNames()),
    )
