"""Running platforms for tests that knock at the doors, as an operator, a shop or the WeChat side would."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from support.processes import Platform
from support.running import RunningPlatform, StartPlatform, fresh_directory, start_connected


@pytest.fixture(scope="module")
def running_platform() -> Iterator[RunningPlatform]:
    """One empty brand for a file of tests that bring their own people and kill nothing.

    Not for the whole session: a platform that nobody asks any more still takes its share of two cores.
    """
    with ExitStack() as stack:
        yield start_connected(stack)


@pytest.fixture
def start_platform() -> Iterator[StartPlatform]:
    """Start platforms of this test's own; ``clock`` and environment variables may be given."""
    with ExitStack() as stack:
        yield lambda clock="", **settings: start_connected(stack, clock=clock, **settings)


@pytest.fixture
def new_platform() -> Iterator[Callable[..., Platform]]:
    """Make platforms of this test's own that are not started yet; whatever they left running is ended."""
    with ExitStack() as stack:

        def make(**options: Any) -> Platform:
            platform = Platform(fresh_directory(stack), **options)
            stack.callback(platform.end)
            return platform

        yield make
