"""Running a case with an SDK in a process of its own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from contract.conformance.cases import Build, Case, Recorder, check, paths_reached
from contract.conformance.platform import Platform, Refused
from contract.conformance.program import Program, SdkRefusal
from contract.conformance.world import World


@dataclass
class Runner:
    """One SDK, the platform it talks to, and the record of what it reached."""

    platform: Platform
    program: Program
    files: Path
    recorder: Recorder

    def run(self, name: str, build: Build) -> None:
        """Prepare, call, and hold the outcome to the case."""
        self.platform.forget()
        with World(self.platform, self.files) as world:
            try:
                case = build(world)
                before = self.platform.calls()
                result = self._call(name, case)
                reached = paths_reached(self.platform, before)
                check(result, case)
            except Refused as error:
                wait_for(error)
                raise
        self.recorder.note(name, reached)

    def _call(self, name: str, case: Case) -> Any:
        """Return the result; None where a refusal came and was right."""
        account = getattr(self.platform, case.account)
        try:
            result = self.program.call(account, name, *case.arguments, fresh=True, **case.options)
        except SdkRefusal as error:
            if error.errcode in (40066, 40007) or error.status == 404:
                pytest.xfail(f"not served yet: {error}")
            if error.errcode != case.refused or case.refused is None:
                raise
            return None
        assert case.refused is None, f"not refused: {result!r}"
        return result


def wait_for(error: Refused) -> None:
    if "40066" in str(error) or "HTTP 404" in str(error):
        pytest.xfail(f"not served yet: {error}")
