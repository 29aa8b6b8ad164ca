"""What a caller of lookalikes may anticipate."""

from quanyu.kernel.errors import Conflict, NotFound


class NoLookalike(NotFound):
    """The list was not made by similarity."""

    code = "segments.no_lookalike"


class NothingProposed(Conflict):
    """There is nobody to use: nothing was found yet, it was refused, or it is used already."""

    code = "segments.nothing_proposed"


class LookalikeDoubtful(Conflict):
    """The test says these people are hardly more like the seed than any others; use them knowingly or not."""

    code = "segments.lookalike_doubtful"


class LookalikeBusy(Conflict):
    """A search for this list is under way."""

    code = "segments.lookalike_busy"
