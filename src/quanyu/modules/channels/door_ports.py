"""What the callback door asks of others."""

from typing import Any, Protocol, TypeVar

from quanyu.modules.channels.accounts import Account
from quanyu.modules.channels.callback_log import CallbackRow, Kept
from quanyu.modules.channels.contracts import AccountId
from quanyu.wechat.official_account.messages import Callback
from quanyu.wechat.official_account.replies import Reply

KeptT = TypeVar("KeptT", contravariant=True)


class Decision(Protocol):
    """What is said to a callback: decided before the commit, and committed with it."""

    @property
    def reference(self) -> str:
        """The rule or code that answers."""
        ...

    @property
    def record(self) -> bytes:
        """JSON from which the same answer can be made again."""
        ...

    @property
    def late(self) -> tuple[bytes, ...]:
        """JSON contents that go out after the answer."""
        ...


class Responder(Protocol):
    """Decides passive replies from memory: nothing here may wait while a callback does."""

    async def prepare(self, account: Account) -> None:
        """Have the account's rules in memory; called when the door looks the account up."""
        ...

    def decide(self, account_id: AccountId, callback: Callback) -> Decision | None:
        """Return what to say, or ``None`` to say nothing."""
        ...

    def read(self, record: bytes) -> Reply:
        """Return the reply of a ``Decision.record``."""
        ...


class Notes(Protocol):
    """Counts what is refused; ``RefusalNotes`` does."""

    def add(self, account: Account, reason: str) -> None:
        """Note one refused delivery to an account."""
        ...


class Keeper(Protocol[KeptT]):
    """Makes callbacks durable; ``CallbackLog`` does."""

    def knows(self, account_id: AccountId, openid_token: bytes) -> bool:
        """Whether this openid has a row already, so that sealing it again would be for nothing."""
        ...

    async def keep(self, row: CallbackRow, event: KeptT, *, timeout_s: float) -> Kept:
        """Commit both; return what became of them, and what is answered.

        Raises:
            Unavailable: not durable in time; delivering again is safe.
        """
        ...


class Opener(Protocol):
    """Opens what one product sends to one address, and seals what is answered."""

    def echo(self, delivery: Any, /) -> str:
        """Return what the verification of the address is answered with."""
        ...

    def open(self, delivery: Any, body: bytes, /) -> bytes:
        """Verify a delivery and return its document."""
        ...

    def seal(self, document: str, /, *, at: Any, wire: Any) -> bytes:
        """Return a rendered answer as the platform takes it."""
        ...
