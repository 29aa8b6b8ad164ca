"""What time alone brings about in WeChat Pay, kept with the state and done in the order of time."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from wechat_sandbox.state.shelf import Shelf
from wechat_sandbox.storage import Storage

if TYPE_CHECKING:
    from wechat_sandbox.state.pay.pay import Pay

Act = Callable[["Pay", str, float], None]
_ACTS: dict[str, Act] = {}
_STEPS_MAX = 10_000


def when(kind: str) -> Callable[[Act], Act]:
    """Declare what happens when an entry of this kind is due: it gets what it is about and when."""

    def keep(act: Act) -> Act:
        _ACTS[kind] = act
        return act

    return keep


class Agenda:
    """Entries by instant."""

    def __init__(self, store: Storage) -> None:
        self._shelf = Shelf(store, "pay_agenda", list[str])

    def plan(self, at: float, kind: str, ref: str) -> None:
        """Do something at an instant; planning the same again changes nothing."""
        self._shelf.put("", f"{at:017.3f} {kind} {ref}", [kind, ref])

    def advance(self, pay: "Pay", until: float) -> None:
        """Do everything that is due, also what comes due by it."""
        for _ in range(_STEPS_MAX):
            due = self._shelf.up_to("", f"{until:017.3f}~")
            if not due:
                return
            for key, (kind, ref) in due:
                self._shelf.drop("", key)
                _ACTS[kind](pay, ref, float(key.partition(" ")[0]))
