"""Links to somebody's preference page: for one person, signed, and for a time."""

from datetime import datetime, timedelta
from typing import Final

from quanyu.infra.crypto import KeyRing
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.people.tickets import Ticket, Tickets

PATH: Final = "/preferences"
LASTS: Final = timedelta(days=90)
LASTS_DAYS_MAX: Final = 365


class PreferenceLinks:
    """Makes and reads links."""

    def __init__(self, keyring: KeyRing, public_url: str) -> None:
        self._tickets = Tickets(keyring, "preference-link")
        self._base = f"{public_url.rstrip('/')}{PATH}/"

    def make(
        self, tenant_id: TenantId, person_id: PersonId, now: datetime, lasts: timedelta = LASTS
    ) -> tuple[str, datetime]:
        """Return the address of somebody's page and the instant it ends."""
        token, ends = self._tickets.make(tenant_id, person_id, now + lasts)
        return f"{self._base}{token}", ends

    def of(self, tenant_id: TenantId, person_id: PersonId, now: datetime) -> str:
        """Return the address of somebody's page, as messages name it: the same for a whole day."""
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        return self.make(tenant_id, person_id, day)[0]

    def read(self, token: str, now: datetime) -> Ticket | None:
        """Return what a link says; ``None`` when it is not ours, was changed, or has ended."""
        return self._tickets.read(token, now)
