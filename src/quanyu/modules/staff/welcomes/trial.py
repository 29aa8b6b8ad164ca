"""A rule as it would greet somebody now: for the editor's preview. Nothing is sent."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.errors import InvalidInput
from quanyu.kernel.ids import PersonId, decode_id, encode_id
from quanyu.modules.channels.wecom.contracts import CUSTOMER_NAMESPACE, Corp
from quanyu.modules.channels.wecom.corps import Corps, read_corp_id
from quanyu.modules.staff.welcomes.blocking import find_blocked
from quanyu.modules.staff.welcomes.books import Book, Books
from quanyu.modules.staff.welcomes.compose import FALLBACK_WORDS, Composed, Known, compose
from quanyu.modules.staff.welcomes.contents import (
    LinkPart,
    MiniProgramPart,
    Part,
    WelcomeContent,
)
from quanyu.modules.staff.welcomes.contracts import (
    RULE_PREFIX,
    WelcomeDraft,
    WelcomeRuleId,
    WelcomeSlot,
    WelcomeVariant,
)
from quanyu.modules.staff.welcomes.links import WelcomeLinks, with_token
from quanyu.modules.staff.welcomes.ports import CustomerBook, Greeter, KnownCustomer, StaffBook, Zones
from quanyu.modules.staff.welcomes.rules import Situation, assign, choose, speaking_slot
from quanyu.modules.staff.welcomes.variables import NAME, STAFF, STORE
from quanyu.modules.staff.welcomes.views import ShownPart, WelcomeTrial, WelcomeTrialOutcome

_NOBODY = bytes(16)


class UnknownSlot(InvalidInput):
    """The draft has no slot or variant of that name."""

    code = "staff.unknown_welcome_slot"


@dataclass(frozen=True, slots=True)
class _Somebody:
    token: bytes
    known: KnownCustomer | None


class Trials:
    """Renders drafts."""

    def __init__(
        self,
        keyring: KeyRing,
        corps: Corps,
        zones: Zones,
        *,
        staff: StaffBook,
        customers: CustomerBook,
    ) -> None:
        self._keyring = keyring
        self._links = WelcomeLinks(keyring)
        self._corps = corps
        self._zones = zones
        self._staff = staff
        self._customers = customers
        self._books = Books()

    async def attempt(self, uow: UnitOfWork, trial: WelcomeTrial) -> WelcomeTrialOutcome:
        """Return what would go out to this customer from this member at this moment.

        The name is the one we know; the real welcome asks the platform for it. Links carry a token of no
        welcome, which counts for nobody.

        Raises:
            UnknownCorp, UnknownSlot, InvalidId
        """
        corp = await self._corps.get(uow, read_corp_id(trial.draft.corp))
        zone = ZoneInfo(await self._zones.zone_of(uow))
        book = (await self._books.read(uow, [corp.id]))[corp.id]
        greeter = (await self._staff.greeters(uow, corp.id, [trial.staff])).get(trial.staff, Greeter())
        customer = await self._customer(uow, corp, trial.customer)
        local = uow.clock.now().astimezone(zone)
        slot = _slot(trial, speaking_slot(trial.draft, local))
        variant = _variant(trial, slot, customer.token)
        known = Known(
            words={
                NAME: customer.known.name if customer.known else "",
                STAFF: greeter.name,
                STORE: greeter.store,
            },
            token=self._links.token(0),
            media=book.ready_media(uow.clock.now()),
            zone=zone,
        )
        composed = compose(trial.draft, variant.content, known) or Composed(text="", fallback="empty")
        situation = Situation(stores=tuple(filter(None, [greeter.store])), staff=trial.staff, local=local)
        speaks = choose(book.rules, situation, whom=customer.token)
        return _outcome(
            trial.draft,
            slot,
            variant,
            composed,
            token=known.token,
            blocked=_blocked(book, customer),
            speaks=speaks.rule.rule_id if speaks else None,
            is_found=customer.known is not None,
        )

    async def _customer(self, uow: UnitOfWork, corp: Corp, text: str) -> _Somebody:
        if not text:
            return _Somebody(_NOBODY, None)
        if text.startswith("per_"):
            person_id = PersonId(decode_id("per", text))
            tokens = list(await self._customers.tokens_of(uow, corp.id, person_id))
        else:
            tokens = [self._keyring.blind(CUSTOMER_NAMESPACE, corp.corp_id, text)]
        known = await self._customers.known(uow, corp.id, tokens)
        token = next((one for one in tokens if one in known), tokens[0] if tokens else _NOBODY)
        return _Somebody(token, known.get(token))


def _slot(trial: WelcomeTrial, speaking: WelcomeSlot) -> WelcomeSlot:
    if not trial.slot:
        return speaking
    for slot in trial.draft.slots:
        if slot.name == trial.slot:
            return slot
    raise UnknownSlot(f"no slot is called {trial.slot!r}", message_zh=f"没有名为“{trial.slot}”的时段")


def _variant(trial: WelcomeTrial, slot: WelcomeSlot, token: bytes) -> WelcomeVariant:
    if not trial.variant:
        return assign(WelcomeRuleId(0), slot, token)
    for variant in slot.variants:
        if variant.name == trial.variant:
            return variant
    raise UnknownSlot(
        f"no variant is called {trial.variant!r}", message_zh=f"没有名为“{trial.variant}”的版本"
    )


def _blocked(book: Book, customer: _Somebody) -> str | None:
    return None if customer.known is None else find_blocked(book.block_list, name=customer.known.name)


def _outcome(
    draft: WelcomeDraft,
    slot: WelcomeSlot,
    variant: WelcomeVariant,
    composed: Composed,
    *,
    token: str,
    blocked: str | None,
    speaks: WelcomeRuleId | None,
    is_found: bool,
) -> WelcomeTrialOutcome:
    fallback_zh, fallback_en = FALLBACK_WORDS[composed.fallback]
    return WelcomeTrialOutcome(
        slot=slot.name,
        variant=variant.name,
        text=composed.text,
        parts=() if composed.fallback else _shown(variant.content, token),
        fallback=composed.fallback,
        fallback_zh=fallback_zh,
        fallback_en=fallback_en,
        blocked=blocked,
        text_bytes=len(composed.text.encode()),
        speaks=None if speaks is None else encode_id(RULE_PREFIX, speaks),
        customer_found=is_found,
    )


def _shown(content: WelcomeContent, token: str) -> tuple[ShownPart, ...]:
    return tuple(_show(part, token) for part in content.parts)


def _show(part: Part, token: str) -> ShownPart:
    match part:
        case LinkPart():
            return ShownPart(
                kind="link",
                title=part.title,
                description=part.description,
                url=with_token(part.url, token) if part.tracked else part.url,
                picture_url=part.picture_url,
            )
        case MiniProgramPart():
            url = with_token(part.page, token) if part.tracked else part.page
            return ShownPart(kind="mini_program", title=part.title, url=url, media=part.media)
        case _:
            return ShownPart(kind=part.kind, media=part.media)
