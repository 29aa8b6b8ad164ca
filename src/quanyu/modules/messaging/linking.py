"""The short links of one message: stand-ins while it is rendered, codes of its own once it is written.

A stand-in is as long as a code and the same whenever the same is said: lengths are checked as sent, and the
rule about repeated content still sees that two messages say the same.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.links.codes import ALPHABET, CODE_LENGTH, new_code, token_of
from quanyu.modules.links.contracts import Copy, Wanted
from quanyu.modules.links.service import ShortLinks
from quanyu.modules.messaging.kinds.base import Rendered


class MessageLinks:
    """Takes what a message wants to link to, as ``LinkMaker`` while it is rendered."""

    def __init__(self, links: ShortLinks, tenant_id: TenantId) -> None:
        self._links = links
        self._tenant_id = tenant_id
        self._codes: dict[Wanted, tuple[str, str]] = {}  # Stand-in and code.

    def __call__(self, target: str, name: str) -> str:
        """Return the address of a stand-in.

        Raises:
            InvalidTarget: links may not lead there.
        """
        wanted = self._links.wanted(target, name)
        if wanted not in self._codes:
            self._codes[wanted] = _stand_in(wanted), new_code()
        return self._links.address(self._tenant_id, self._codes[wanted][0])

    def filled(self, rendered: Rendered) -> Rendered:
        """Return what was rendered with this message's own codes; its digest stays that of the stand-ins."""
        if not self._codes:
            return rendered
        tokens = {
            token_of(self._tenant_id, stand_in): token_of(self._tenant_id, code)
            for stand_in, code in self._codes.values()
        }
        payload: Mapping[str, Any] = _replaced(rendered.payload, tokens)
        return replace(rendered, payload=payload, preview=_replaced(rendered.preview, tokens))

    def copies(
        self, *, person_id: PersonId, message_id: int, campaign: str, node_id: str, channel: str
    ) -> list[Copy]:
        """Return what is to be written beside the message."""
        return [
            Copy(
                code=code,
                wanted=wanted,
                person_id=person_id,
                message_id=message_id,
                campaign=campaign,
                node_id=node_id,
                channel=channel,
            )
            for wanted, (_, code) in self._codes.items()
        ]


def _stand_in(wanted: Wanted) -> str:
    digest = hashlib.blake2b(f"{wanted.name}\0{wanted.target}".encode(), digest_size=CODE_LENGTH).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest)


def _replaced(value: Any, tokens: Mapping[str, str]) -> Any:
    """Put codes for stand-ins wherever text is."""
    if isinstance(value, str):
        for stand_in, code in tokens.items():
            value = value.replace(stand_in, code)
        return value
    if isinstance(value, Mapping):
        return {key: _replaced(item, tokens) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(item, tokens) for item in value]
    return value
