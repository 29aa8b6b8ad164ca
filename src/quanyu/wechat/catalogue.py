"""Every declared call, as data: what documentation, coverage tables and checks are made from."""

from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

from quanyu.wechat.calls import Call
from quanyu.wechat.common import custom_messages, management, media, notice_templates, open_account
from quanyu.wechat.mini_program import (
    analysis,
    codes,
    links,
    login,
    security,
    shipping,
    subscribe_messages,
)
from quanyu.wechat.mini_program import customer_service as mini_customer_service
from quanyu.wechat.official_account import (
    comments,
    drafts,
    linked_mini_programs,
    mass,
    material,
    menu,
    oauth,
    publishing,
    qr_codes,
    service_staff,
    statistics,
    tags,
    template_messages,
    users,
)
from quanyu.wechat.pay import (
    bills,
    busifavor,
    busifavor_stocks,
    busifavor_subsidies,
    certificates,
    combined,
    complaints,
    favor,
    gifts,
    orders,
    payscore,
    profit_sharing,
    refunds,
    smart_guide,
    transfer_authorizations,
    transfers,
)
from quanyu.wechat.wecom.families import FAMILIES as WECOM_FAMILIES

# product, family, where it is declared. "common" calls are made for either product.
_FAMILIES: Final[tuple[tuple[str, str, ModuleType], ...]] = (
    ("common", "management", management),
    ("common", "open_account", open_account),
    ("common", "custom_messages", custom_messages),
    ("common", "media", media),
    ("common", "notice_templates", notice_templates),
    ("official_account", "menu", menu),
    ("official_account", "qr_codes", qr_codes),
    ("official_account", "linked_mini_programs", linked_mini_programs),
    ("official_account", "users", users),
    ("official_account", "tags", tags),
    ("official_account", "oauth", oauth),
    ("official_account", "service_staff", service_staff),
    ("official_account", "template_messages", template_messages),
    ("official_account", "mass", mass),
    ("official_account", "material", material),
    ("official_account", "drafts", drafts),
    ("official_account", "publishing", publishing),
    ("official_account", "comments", comments),
    ("official_account", "statistics", statistics),
    ("mini_program", "login", login),
    ("mini_program", "codes", codes),
    ("mini_program", "links", links),
    ("mini_program", "subscribe_messages", subscribe_messages),
    ("mini_program", "customer_service", mini_customer_service),
    ("mini_program", "security", security),
    ("mini_program", "shipping", shipping),
    ("mini_program", "analysis", analysis),
    ("pay", "certificates", certificates),
    ("pay", "orders", orders),
    ("pay", "combined", combined),
    ("pay", "refunds", refunds),
    ("pay", "bills", bills),
    ("pay", "profit_sharing", profit_sharing),
    ("pay", "transfers", transfers),
    ("pay", "transfer_authorizations", transfer_authorizations),
    ("pay", "favor", favor),
    ("pay", "busifavor_stocks", busifavor_stocks),
    ("pay", "busifavor", busifavor),
    ("pay", "busifavor_subsidies", busifavor_subsidies),
    ("pay", "gifts", gifts),
    ("pay", "complaints", complaints),
    ("pay", "payscore", payscore),
    ("pay", "smart_guide", smart_guide),
    *(("wecom", family, module) for family, module in WECOM_FAMILIES),
)


@dataclass(frozen=True, slots=True)
class DeclaredCall:
    """One call and where it belongs."""

    product: str
    family: str
    name: str  # Of the declaration: ``family.NAME``.
    call: Call[Any, Any]

    @property
    def method(self) -> str:
        return self.call.method

    @property
    def path(self) -> str:
        return self.call.path


def all_calls() -> tuple[DeclaredCall, ...]:
    """Return every declared call, in the order of its declaration."""
    return tuple(
        DeclaredCall(product, family, name, value)
        for product, family, module in _FAMILIES
        for name, value in vars(module).items()
        if isinstance(value, Call)
    )
