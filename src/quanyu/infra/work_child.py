"""The other side of `work_pool`: one piece of work, then the end."""

import os
import pickle
import sys
import traceback
from typing import BinaryIO

from quanyu.infra.work_pool import FAILURE, HEADER, PROGRESS, RESULT

_out: BinaryIO | None = None


def tell(step: str, share: float) -> None:
    """Say how far the work is, 0 to 1; does nothing where the work runs in a thread."""
    if _out is not None:
        _write(_out, PROGRESS, pickle.dumps((step, share)))


def _write(out: BinaryIO, kind: int, content: bytes) -> None:
    out.write(HEADER.pack(kind, len(content)))
    out.write(content)
    out.flush()


def main() -> None:
    """Read a function and its arguments, call it, and write what it returns."""
    # `-m` made this module `__main__`; the work imports it by its name.
    from quanyu.infra import work_child

    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # A library that prints must not garble frames.
    work_child._out = out
    os.nice(10)  # Whoever waits for a page comes first.
    try:
        work, arguments = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - written by our own parent
        result = pickle.dumps(work(*arguments))
    except Exception:
        _write(out, FAILURE, traceback.format_exc().encode())
        return
    _write(out, RESULT, result)


if __name__ == "__main__":
    main()
