"""Who may export people in clear: the one place that decides it."""

from quanyu.infra.web import Caller
from quanyu.kernel.permissions import Permission
from quanyu.modules.people.export.errors import MayNotReveal


def require_reveal(caller: Caller) -> None:
    """Raise ``MayNotReveal`` for whoever may see people masked only."""
    if not caller.may(Permission.PEOPLE_REVEAL):
        raise MayNotReveal(
            "exporting identifiers in clear needs the permission people.reveal",
            message_zh="导出明文标识需要「people.reveal」权限",
        )
