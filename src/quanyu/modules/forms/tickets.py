"""Personal links to forms: a message names somebody in the address, so nobody logs in."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import InvalidId, PersonId, TenantId, decode_id, encode_id
from quanyu.modules.forms.contracts import FORM_PREFIX
from quanyu.modules.forms.queries import FormQueries
from quanyu.modules.people.tickets import Tickets

LASTS: Final = timedelta(days=30)
MESSAGE: Final = "message"  # The source of answers that came by such a link.


class FormTickets:
    """Makes and reads the tickets of forms. A ticket is good for one form and 30 days."""

    def __init__(self, keyring: KeyRing, *, public_url: str) -> None:
        self._tickets = Tickets(keyring, "form-ticket")
        self._base = f"{public_url.rstrip('/')}/f/"

    def url(self, tenant_id: TenantId, person_id: PersonId, token: str, now: datetime) -> str:
        """Return the address of a form for one person, as messages name it: the same for a whole day."""
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        ticket, _ = self._tickets.make(tenant_id, person_id, day + LASTS, about=token)
        return f"{self._base}{token}?{urlencode({'k': ticket, 's': MESSAGE})}"

    def read(self, tenant_id: TenantId, token: str, text: str, now: datetime) -> PersonId | None:
        """Return whom a ticket names; ``None`` where it is of another form or brand, or has ended."""
        found = self._tickets.read(text, now, about=token)
        return None if found is None or found.tenant_id != tenant_id else found.person_id

    async def pages(self, uow: UnitOfWork, ids: Collection[str]) -> Mapping[str, Callable[[PersonId], str]]:
        """Return by form id (``frm_…``) what makes somebody's address; unknown forms are left out.

        Feeds ``messaging.ports.PersonalPages``.
        """
        numbers = [number for one in ids if (number := _number(one)) is not None]
        tokens, now = await FormQueries(uow).published_tokens(numbers), uow.clock.now()

        def page(token: str) -> Callable[[PersonId], str]:
            return lambda person_id: self.url(uow.tenant_id, person_id, token, now)

        return {encode_id(FORM_PREFIX, form_id): page(token) for form_id, token in tokens.items()}


def _number(text: str) -> int | None:
    try:
        return decode_id(FORM_PREFIX, text)
    except InvalidId:
        return None
