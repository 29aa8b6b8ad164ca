"""Which functions a question of a brand's own may call: those that compute, and none that look around.

The embedded engine has no users and no walls: ``file('/etc/passwd')`` is a function like any other there. So
what is not named here is refused; the engine itself tells which functions a text calls (see asking.py).
"""

import re
from typing import Final

# Whole categories of the engine's own list (system.functions) in which nothing reads files, settings,
# dictionaries, other tables or the server's state.
CATEGORIES: Final = (
    "Arithmetic", "Arrays", "Bit", "Bitmap", "Comparison", "Conditional", "Dates and Times", "Distance",
    "Encoding", "Geo", "Hash", "IP Address", "JSON", "Logical", "Map", "Mathematical", "Null",
    "Random Number", "Rounding", "String", "String Replacement", "String Search", "String Splitting",
    "Time Window", "Tuple", "Type Conversion", "URL", "UUID",
)  # fmt: skip
# Of the engine's category "Other", those that compute.
_HARMLESS: Final = frozenset(
    {
        "bar", "byteSize", "countDigits", "defaultValueOfArgumentType", "dynamicElement",
        "finalizeAggregation", "formatReadableDecimalSize", "formatReadableQuantity",
        "formatReadableSize", "formatReadableTimeDelta", "getSubcolumn", "identity", "isConstant",
        "materialize", "neighbor", "rowNumberInAllBlocks", "runningDifference", "toTypeName", "transform",
        # Not functions to the engine's list, yet so called by its parser.
        "lambda", "grouping", "exists",
    }
)  # fmt: skip
# In an open category, and yet more than a computation.
_REFUSED: Final = frozenset({"chdb", "formatRow", "formatRowNoNewline", "kqlParameterCast"})
# Endings the engine gives to aggregates: sumIf, uniqArray, quantileOrNull …
_COMBINATOR: Final = re.compile(
    r"(?:If|Array|Map|SimpleState|State|Merge|MergeState|ForEach|Distinct|OrDefault|OrNull|Resample|ArgMin|ArgMax)$"
)


class Functions:
    """The functions of one engine, by what it says of them."""

    def __init__(self, plain: frozenset[str], any_case: frozenset[str], aggregates: frozenset[str]) -> None:
        self._plain = (plain | _HARMLESS) - _REFUSED
        self._any_case = {name.lower() for name in any_case - _REFUSED}
        self._aggregates = aggregates

    def allows(self, name: str) -> bool:
        """Tell whether a question may call it."""
        if name in self._plain or name.lower() in self._any_case:
            return True
        return self._is_aggregate(name)

    def _is_aggregate(self, name: str) -> bool:
        while name:
            if name in self._aggregates or name.lower() in self._aggregates:
                return True
            shorter = _COMBINATOR.sub("", name)
            if shorter == name:
                return False
            name = shorter
        return False
