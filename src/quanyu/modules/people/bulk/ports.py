"""What jobs about many people ask of modules above people."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from quanyu.infra.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ListChange:
    """What a job does to a list: put people on it, or take them from it."""

    segment: str  # The list's outside id.
    puts: bool
    job: str
    actor: str


class StaticLists(Protocol):
    """Lists of people that somebody keeps."""

    def check(self, uow: UnitOfWork, segment: str, *, adding: int) -> Awaitable[None]:
        """Refuse what is no list, what a search fills, or would be too large.

        Raises:
            AppError
        """
        ...

    def change(
        self, uow: UnitOfWork, change: ListChange, people: Mapping[int, Sequence[int]]
    ) -> Awaitable[set[int]]:
        """Write down whom a job puts or takes; ``people``: all ids of each profile.

        Return the person ids for which that changes anything; the list follows once the job has
        ``finish``ed. Nobody, where the list is gone.
        """
        ...

    def take_back(
        self, uow: UnitOfWork, change: ListChange, people: Sequence[int], *, undoes: str
    ) -> Awaitable[set[int]]:
        """Take back what a job did to some person ids, unless all was replaced since; return those."""
        ...

    def finish(self, uow: UnitOfWork, change: ListChange, *, people: int, changed: int) -> Awaitable[None]:
        """Let count what a job wrote down; idempotent."""
        ...


class ChosenJourneys(Protocol):
    """Journeys that people can be chosen for."""

    def check(self, uow: UnitOfWork, journey: str) -> Awaitable[None]:
        """Refuse a journey that does not run, or that people cannot enter without what starts it.

        Raises:
            AppError
        """
        ...

    def let_in(
        self, uow: UnitOfWork, journey: str, people: Sequence[int], *, job: str
    ) -> Awaitable[set[int] | None]:
        """Let people in whom its rule of re-entry lets; return who came, ``None`` if it runs no more."""
        ...

    def let_out(
        self, uow: UnitOfWork, journey: str, people: Sequence[int], *, job: str
    ) -> Awaitable[set[int]]:
        """Let those out who came by a job and are still on the way; return under which ids they came."""
        ...


@dataclass(frozen=True, slots=True)
class Reach:
    """Where jobs reach beyond people."""

    lists: StaticLists
    journeys: ChosenJourneys
