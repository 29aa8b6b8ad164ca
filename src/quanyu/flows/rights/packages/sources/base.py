"""What a source is: a place that is gone through page by page, each of which can be read again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from quanyu.flows.rights.files import Sought
from quanyu.flows.rights.packages.contracts import Store
from quanyu.flows.rights.packages.frames import FileFrame, Row
from quanyu.flows.rights.tables import Whom
from quanyu.infra.crypto import CannotOpen, KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.ids import TenantId

# What is only there for the machine: keys to compare by, hashes, and who worked on a row.
_NOT_SHOWN: Final = frozenset({
    "tenant_id", "grams", "keys", "counted", "digest", "info_digest", "details_digest", "source_hash",
    "body_hash", "worker_id", "device",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a package is about, and what was gathered of their events before."""

    tenant_id: TenantId
    whom: Whom
    identifiers: Sequence[tuple[str, str, str]]  # Namespace, scope, value.
    seen: set[int] = field(default_factory=set)  # Positions of events; whoever reads events adds theirs.

    @property
    def sought(self) -> Sought:
        """Their identifiers, as rows of files may hold them."""
        return Sought(value for _, _, value in self.identifiers)


@dataclass(frozen=True, slots=True)
class Page:
    """What one look found. ``after``: where the next begins, as JSON can say it; ``None``: that was all."""

    rows: Sequence[Row] = ()
    after: Any = None
    files: Sequence[FileFrame] = ()


class Source(Protocol):
    """A place that may hold something about somebody. Reading it twice is harmless."""

    @property
    def section(self) -> str:
        """Under which name its rows stand in the package."""
        ...

    @property
    def store(self) -> Store:
        """Where it is."""
        ...

    async def page(self, asked: Asked, after: Any) -> Page:
        """Return what is behind ``after``; ``None``: from the beginning."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """What sources read with."""

    uows: UnitOfWorkFactory
    keyring: KeyRing

    async def rows(self, tenant_id: TenantId, sql: str, **values: Any) -> list[Mapping[str, Any]]:
        """Return the rows of a SELECT in a transaction of its own."""
        async with self.uows.system(tenant_id) as uow:
            found = await uow.execute(sql, {"tenant": tenant_id, **values})
            return [dict(row._mapping) for row in found]

    def opened(self, sealed: bytes, context: bytes = b"") -> str:
        """Return a sealed text; an empty one where it was sealed for a purpose of its own."""
        try:
            return self.keyring.open(sealed, context=context).decode()
        except (CannotOpen, UnicodeDecodeError):
            return ""

    def readable(self, row: Mapping[str, Any], context: bytes = b"") -> dict[str, Any]:
        """Return a row without what is for the machine alone, sealed values opened."""
        shown: dict[str, Any] = {}
        for name, value in row.items():
            if isinstance(value, bytes | memoryview):
                if "sealed" in name and (text := self.opened(bytes(value), context)):
                    shown[name.removesuffix("_sealed").replace("sealed", "value")] = text
            elif value is not None and name not in _NOT_SHOWN and not name.endswith("token"):
                shown[name] = value
        return shown
