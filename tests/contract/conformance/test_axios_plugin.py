"""wechatpay-axios-plugin 0.9.6, unmodified, against the sandbox, with both ways to verify.

The plugin has no methods: a chain of names is a path. So the record is by family.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.conformance.axios_plugin_more import CHAINS_OF_ALL as CHAINS
from contract.conformance.cases import Recorder, recorded
from contract.conformance.pay_world import PayWorld
from contract.conformance.platform import Platform
from contract.conformance.program import HERE, Program, executed, find_node

NAME = "wechatpay-axios-plugin"


@pytest.fixture(scope="module")
def program(platform: Platform) -> Iterator[Program]:
    assert (HERE / "node" / "node_modules").is_dir(), "the Node SDKs are not installed: run make e2e-setup"
    with executed(platform, NAME, [find_node(), str(HERE / "node" / "pay.cjs")]) as running:
        yield running


RUNS = [
    (family, mode)
    for family in CHAINS
    for mode in ("certificate", "public_key")
    # What is sealed is sealed with the public key, which the request must name.
    if (family, mode) != ("transfers", "certificate")
]


@pytest.mark.parametrize(("family", "mode"), RUNS)
def test_family(
    family: str, mode: str, program: Program, platform: Platform, files: Path, saving: bool
) -> None:
    world = PayWorld(platform, lambda asked: program.ask(json.loads(json.dumps(asked))), "node", mode, files)
    world.begin(family)
    before = platform.calls()
    CHAINS[family](world)
    reached = sorted(path for path, times in platform.calls().items() if times > before.get(path, 0))
    if mode == "public_key":
        Recorder(NAME, CHAINS, saving).note(family, reached)


def test_no_family_is_left_out(saving: bool) -> None:
    assert saving or set(recorded(NAME)) == set(CHAINS)
