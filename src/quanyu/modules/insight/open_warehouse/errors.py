"""What somebody who asks may anticipate."""

from quanyu.kernel.errors import InvalidInput, NotFound


class RefusedSql(InvalidInput):
    """A question is not a SELECT over the documented views, or the engine does not understand it."""

    code = "insight.refused_sql"


class SavedQueryNotFound(NotFound):
    """There is no such saved query."""

    code = "insight.saved_query_not_found"


class TooManySavedQueries(InvalidInput):
    """A brand keeps no more queries than this."""

    code = "insight.too_many_saved_queries"
