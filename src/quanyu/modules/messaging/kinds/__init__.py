"""The kinds of messages, one file each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from quanyu.modules.messaging.contracts import MessageKind
from quanyu.modules.messaging.kinds.base import Kind
from quanyu.modules.messaging.kinds.customer_service_image import CustomerServiceImage
from quanyu.modules.messaging.kinds.customer_service_menu import CustomerServiceMenu
from quanyu.modules.messaging.kinds.customer_service_mini_program import CustomerServiceMiniProgram
from quanyu.modules.messaging.kinds.customer_service_news import CustomerServiceNews
from quanyu.modules.messaging.kinds.customer_service_text import CustomerServiceText
from quanyu.modules.messaging.kinds.email import Email
from quanyu.modules.messaging.kinds.mini_program_subscribe import MiniProgramSubscribe
from quanyu.modules.messaging.kinds.official_account_notice import OfficialAccountNotice
from quanyu.modules.messaging.kinds.sms import Sms
from quanyu.modules.messaging.kinds.template import Template
from quanyu.modules.messaging.kinds.webhook import Webhook

__all__ = ["KINDS", "kind_of"]

_ALL: Final[tuple[Kind, ...]] = (
    CustomerServiceText(),
    CustomerServiceImage(),
    CustomerServiceNews(),
    CustomerServiceMiniProgram(),
    CustomerServiceMenu(),
    Template(),
    OfficialAccountNotice(),
    MiniProgramSubscribe(),
    Sms(),
    Email(),
    Webhook(),
)
KINDS: Final[Mapping[MessageKind, Kind]] = MappingProxyType({one.kind: one for one in _ALL})


def kind_of(kind: MessageKind | str) -> Kind:
    """Return what knows how messages of this kind are checked, filled in and sent."""
    return KINDS[MessageKind(kind)]
