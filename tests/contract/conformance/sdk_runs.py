"""Running a case with an SDK in a process of its own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.conformance.cases import Build, Case, Recorder, check, paths_reached
from contract.conformance.platform import Platform
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
            case = build(world)
            before = self.platform.calls()
            result = self._call(name, case)
            reached = paths_reached(self.platform, before)
            check(result, case)
        self.recorder.note(name, reached)

    def _call(self, name: str, case: Case) -> Any:
        """Return the result; None where a refusal came and was right."""
        account = getattr(self.platform, case.account)
        try:
            result = self.program.call(account, name, *case.arguments, fresh=True, **case.options)
        except SdkRefusal as error:
            if error.errcode != case.refused or case.refused is None:
                raise
            return None
        assert case.refused is None, f"not refused: {result!r}"
        return result
