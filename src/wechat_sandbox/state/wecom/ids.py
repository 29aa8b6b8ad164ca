"""Ids the platform gives to things of companies: a short mark of the kind, then letters and digits."""

import hashlib

from wechat_sandbox.accounts import short_code
from wechat_sandbox.state.core import Core


def new_key(world: Core, mark: str, at: float, *, length: int = 30) -> str:
    """Return an id nobody has yet; the same play gives the same ids."""
    number = world.new_id(at)
    digest = hashlib.sha256(f"{world.seed}:{mark}:{number}".encode()).digest()
    return mark + short_code(digest, length)
