"""Anticipated failures of the review queue."""

from quanyu.kernel.errors import Conflict, NotFound


class MatchNotFound(NotFound):
    """There is no such suggestion."""

    code = "people.match_not_found"


class MatchIsOver(Conflict):
    """The suggestion was decided before, or holds no more: the two merged or changed meanwhile."""

    code = "people.match_is_over"


class MatchImpossible(Conflict):
    """The graph refuses: one person would break a limit. Nothing has changed."""

    code = "people.match_impossible"


class RunNotFound(NotFound):
    """There is no such run."""

    code = "people.match_run_not_found"


class RunGoesOn(Conflict):
    """A run over everybody, or a rollback of this run, is under way."""

    code = "people.match_run_goes_on"


class MatchingIsOff(Conflict):
    """People are not compared while the brand has switched it off."""

    code = "people.matching_is_off"


class CaseNotFound(NotFound):
    """Nothing waits for review about this identifier."""

    code = "people.identity_case_not_found"
