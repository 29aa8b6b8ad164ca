"""The parts of the review queue, put together."""

from dataclasses import dataclass

from fastapi import APIRouter

from quanyu.infra.crypto import KeyRing
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.modules.people.matching import routes
from quanyu.modules.people.matching.cases import CaseDesk
from quanyu.modules.people.matching.chores import MatchChores
from quanyu.modules.people.matching.finder import Finder
from quanyu.modules.people.matching.runs import MatchRuns
from quanyu.modules.people.matching.service import MatchDesk
from quanyu.modules.people.separation.contracts import FollowsPeople
from quanyu.modules.people.service import People


@dataclass(frozen=True, slots=True)
class MatchServices:
    """Who may be the same person, and what somebody says to it."""

    desk: MatchDesk
    runs: MatchRuns
    cases: CaseDesk
    chores: MatchChores
    uows: UnitOfWorkFactory

    def router(self) -> APIRouter:
        """Return the routes; they go before those of one person, whose address has the same form."""
        return routes.router(self.desk, self.runs, self.cases, self.uows)


def build_matching(
    uows: UnitOfWorkFactory, keyring: KeyRing, people: People, following: FollowsPeople
) -> MatchServices:
    """Build every service of the review queue."""
    runs = MatchRuns(following)
    return MatchServices(
        desk=MatchDesk(keyring, people, following),
        runs=runs,
        cases=CaseDesk(keyring, people),
        chores=MatchChores(uows, Finder(uows, keyring, following), runs),
        uows=uows,
    )
