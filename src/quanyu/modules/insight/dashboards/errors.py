"""What a caller of saved analyses and boards may anticipate."""

from quanyu.kernel.errors import Conflict, InvalidInput, NotFound


class AnalysisNotFound(NotFound):
    """There is no such saved analysis."""

    code = "insight.saved_analysis_not_found"


class BoardNotFound(NotFound):
    """There is no such board."""

    code = "insight.board_not_found"


class BoardChanged(Conflict):
    """Somebody else changed the board since it was read."""

    code = "insight.board_changed"


class TooMuchKept(InvalidInput):
    """A brand keeps no more analyses, boards or notes than this."""

    code = "insight.too_much_kept"


class InvalidBoard(InvalidInput):
    """Two cards have one id."""

    code = "insight.invalid_board"
