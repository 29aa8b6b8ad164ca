"""Payment codes on people's phones, which a shop scans: good once and for a minute."""

from dataclasses import dataclass

from wechat_sandbox.state.pay.pay import Pay
from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.wire.pay.errors import PayError

GOOD_FOR_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCode:
    """One code: 18 digits beginning with 13."""

    code: str
    person: int
    shown_at: float
    asks_password: bool


class PaymentCodes:
    """Codes that were shown."""

    def __init__(self, pay: Pay) -> None:
        self._pay = pay
        self._shelf = Shelf(pay.store, "pay_auth_code", PaymentCode)

    def show(self, person: int, at: float, *, asks_password: bool) -> PaymentCode:
        """A person holds their phone out."""
        number = int(self._pay.token("auth_code", 24), 16) % 10**16
        made = PaymentCode(code=f"13{number:016d}", person=person, shown_at=at, asks_password=asks_password)
        self._shelf.put("", made.code, made)
        return made

    def spend(self, code: str, at: float) -> PaymentCode:
        """Use a code, or refuse with AUTH_CODE_INVALID or AUTH_CODE_EXPIRE."""
        found = self._shelf.find("", code)
        if found is None:
            raise PayError("AUTH_CODE_INVALID")
        self._shelf.drop("", code)
        if at > found.shown_at + GOOD_FOR_S:
            raise PayError("AUTH_CODE_EXPIRE")
        return found
