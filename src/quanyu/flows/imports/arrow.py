"""Arrow as we use it: columns of text. Its stubs ask for more type arguments than that is worth."""

from typing import Any, Final

import pyarrow.compute

compute: Final[Any] = pyarrow.compute
Column = Any  # A pyarrow Array or ChunkedArray of strings.
