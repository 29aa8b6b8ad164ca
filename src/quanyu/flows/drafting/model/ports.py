"""What drafting asks of a language model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from quanyu.flows.drafting.model.queries import KeptModel


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a conversation."""

    role: str  # system | user | assistant
    content: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model said, and what it cost in tokens."""

    content: str
    tokens_in: int
    tokens_out: int


class Provider(Protocol):
    """Asks a model."""

    async def ask(self, model: KeptModel, said: Sequence[Said], schema: Mapping[str, Any]) -> Reply:
        """Ask once for JSON of the given schema.

        Raises:
            ModelFailed: nothing usable came back.
        """
        ...
