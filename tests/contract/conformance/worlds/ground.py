"""What a case finds at the platform: made on first use, by bare calls that no SDK is part of."""

import time
from contextlib import ExitStack
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from pathlib import Path
from typing import Self

from contract.conformance.platform import Platform

PAGE = "pages/index"
URL = "https://shop.example/tea"


class Ground:
    """The platform of one case, the files it sends, and the platform's clock."""

    def __init__(self, platform: Platform, files: Path) -> None:
        self.platform = platform
        self.files = files
        self.until_the_end = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *reason: object) -> None:
        self.until_the_end.close()

    def settle(self) -> None:
        """Wait until the platform has finished what it does later."""
        deadline = time.monotonic() + 10
        while not self.platform.control("GET", "/idle")["idle"]:
            assert time.monotonic() < deadline, "the sandbox does not come to rest"
            time.sleep(0.01)

    @cached_property
    def now(self) -> int:
        return int(self.platform.control("GET", "/clock")["epoch_s"])

    @cached_property
    def today(self) -> date:
        """The day in China."""
        return datetime.fromtimestamp(self.now, timezone(timedelta(hours=8))).date()

    @property
    def last_told(self) -> date:
        """The last day whose figures are there at any hour: those of yesterday come at eight."""
        return self.today - timedelta(days=2)
