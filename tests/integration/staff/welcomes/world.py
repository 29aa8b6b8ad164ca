"""A brand whose corp is connected to a running sandbox, with the sender of welcomes and its neighbours."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contract.wecom.corp import Corp as SandboxCorp
from integration.channels.corps import CorpSide
from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.staff.welcomes.contents import WelcomeContent
from quanyu.modules.staff.welcomes.contracts import (
    Scope,
    WelcomeDraft,
    WelcomeRule,
    WelcomeSlot,
    WelcomeVariant,
)
from quanyu.modules.staff.welcomes.journal import Filter, Journal
from quanyu.modules.staff.welcomes.media import MediaLibrary
from quanyu.modules.staff.welcomes.ports import CodeOrigin, Greeter, KnownCustomer
from quanyu.modules.staff.welcomes.queries import RuleQueries
from quanyu.modules.staff.welcomes.sender import WelcomeSender
from quanyu.modules.staff.welcomes.service import Welcomes, read_rule_id
from quanyu.modules.staff.welcomes.trial import Trials
from quanyu.modules.staff.welcomes.views import WelcomeRow


@dataclass
class Neighbours:
    """What the folders beside welcomes would answer."""

    codes: dict[str, CodeOrigin] = field(default_factory=dict)
    staff: dict[str, Greeter] = field(default_factory=dict)
    customers: dict[bytes, KnownCustomer] = field(default_factory=dict)
    suspects: list[tuple[str, bytes, str]] = field(default_factory=list)

    async def give(self, uow: UnitOfWork, corp_id: AccountId, userid: str, token: bytes, tag_id: str) -> None:
        self.suspects.append((userid, token, tag_id))

    async def resolve(
        self, uow: UnitOfWork, corp_id: AccountId, states: Mapping[str, datetime]
    ) -> Mapping[str, CodeOrigin]:
        return {state: self.codes[state] for state in states if state in self.codes}

    async def greeters(
        self, uow: UnitOfWork, corp_id: AccountId, userids: Sequence[str]
    ) -> Mapping[str, Greeter]:
        return {userid: self.staff[userid] for userid in userids if userid in self.staff}

    async def known(
        self, uow: UnitOfWork, corp_id: AccountId, tokens: Sequence[bytes]
    ) -> Mapping[bytes, KnownCustomer]:
        return {token: self.customers[token] for token in tokens if token in self.customers}

    async def tokens_of(
        self, uow: UnitOfWork, corp_id: AccountId | None, person_id: PersonId
    ) -> Sequence[bytes]:
        return [token for token, one in self.customers.items() if one.person_id == person_id]

    async def zone_of(self, uow: UnitOfWork) -> str:
        return "Asia/Shanghai"


@dataclass
class World:
    """Everything a test of welcomes talks to."""

    tenant_id: TenantId
    uows: UnitOfWorkFactory
    keyring: KeyRing
    sandbox: SandboxCorp
    side: CorpSide
    clients: CorpClients
    neighbours: Neighbours
    sender: WelcomeSender
    welcomes: Welcomes
    journal: Journal
    trials: Trials
    library: MediaLibrary

    @property
    def corp(self) -> str:
        return self.side.connected.corp.id

    async def staff(self) -> str:
        """Return a member's userid."""
        return (await self.sandbox.staff())[0]

    def draft(
        self, content: WelcomeContent, *, scope: Scope = Scope.CORP, targets: Sequence[str] = (), **more: Any
    ) -> WelcomeDraft:
        """Return a rule that says one thing."""
        slot = WelcomeSlot(name="default", variants=(WelcomeVariant(name="A", content=content),))
        fields = {
            "name": f"{scope} rule",
            "corp": self.corp,
            "scope": scope,
            "targets": tuple(targets),
            "slots": (slot,),
        }
        return WelcomeDraft.model_validate(fields | more)

    async def set(self, draft: WelcomeDraft) -> WelcomeRule:
        async with self.uows.app(self.tenant_id) as uow:
            return await self.welcomes.create(uow, draft)

    async def rules(self) -> list[WelcomeRule]:
        async with self.uows.app(self.tenant_id) as uow:
            return list((await self.welcomes.list_rules(uow)).items)

    async def force(self, rule: WelcomeRule, content: WelcomeContent) -> None:
        """Put content into a rule that saving it would refuse, as a lost file leaves it."""
        draft = self.draft(content).model_dump_json()
        async with self.uows.system(self.tenant_id) as uow:
            await uow.execute(
                "UPDATE welcome_rule SET draft = CAST(:draft AS jsonb) WHERE tenant_id = :t AND id = :id",
                {"t": self.tenant_id, "id": read_rule_id(rule.id), "draft": draft},
            )
            await RuleQueries(uow).bump(self.side.id)

    async def meet(self, person: int, **how: Any) -> tuple[str, str]:
        """Let somebody add a member at the platform; return the customer and the welcome code."""
        staff = how.pop("userid", None) or await self.staff()
        customer = await self.sandbox.add(person, staff, **how)
        (newest, *_) = (await self.sandbox.control("GET", "/welcomes"))["items"]
        assert newest["external_userid"] == customer
        return customer, str(newest["code"])

    async def tell(self, customer: str, code: str, *, age_s: int = 0, staff: str = "", **more: str) -> str:
        """Deliver the callback of an add that happened ``age_s`` ago; return its document."""
        document = self.side.added(
            customer,
            staff=staff or await self.staff(),
            at=int(time.time()) - age_s,
            WelcomeCode=code,
            **{"State": "", **more},
        )
        answer = await self.side.deliver(document)
        assert answer.status == 200, answer.body
        return document

    async def rows(self, **wanted: Any) -> list[WelcomeRow]:
        """Return the journal, oldest first."""
        async with self.uows.app(self.tenant_id) as uow:
            page = await self.journal.page(uow, Filter(**wanted), cursor=None, limit=200)
        return list(page.items[::-1])

    async def heard(self, customer: str) -> list[dict[str, Any]]:
        """Return what the platform delivered to a customer as a welcome, oldest first."""
        lines = (await self.sandbox.control("GET", f"/customers/{customer}/chat"))["items"]
        return [one["body"] for one in lines if one["kind"] == "welcome"]

    async def fault(self, **rule: Any) -> None:
        """Have the platform's welcome call go wrong."""
        path = "/cgi-bin/externalcontact/send_welcome_msg"
        await self.sandbox.control("POST", "/faults", {"path": path, **rule})

    async def settle(self) -> None:
        """Make what is due."""
        await self.sender.run_once(self.tenant_id)
