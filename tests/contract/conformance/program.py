"""A program under ``wechat-sandbox exec`` that takes calls line by line and answers them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.conformance.platform import Platform

HERE = Path(__file__).parent
_NODE = HERE / "node"
WORK_PYTHON = HERE.parents[2] / ".tools" / "wechatpy-work" / "bin" / "python"


class SdkRefusal(Exception):
    """What the SDK raised, with the platform's code where it told one."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(f"{error['class']}: {error['text']}")
        self.errcode: int | None = error["errcode"]
        self.status: int | None = error["status"]


@dataclass
class Program:
    """One running SDK."""

    name: str
    process: "subprocess.Popen[str]"

    def call(self, account: dict[str, Any], call: str, *args: Any, fresh: bool = False, **kwargs: Any) -> Any:
        """Call a method of the SDK and return its result.

        Raises:
            SdkRefusal: the SDK raised.
        """
        who = {"appid": account["appid"], "secret": account["secret"], "fresh": fresh}
        return self.ask({"call": call, "args": args, "kwargs": kwargs, **who})

    def ask(self, request: dict[str, Any]) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(request, default=_as_file) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"{self.name} ended"
        answer = json.loads(line)
        if "error" in answer:
            raise SdkRefusal(answer["error"])
        return answer["result"]


def _as_file(value: object) -> object:
    assert isinstance(value, Path)
    return {"$file": str(value)}


@contextmanager
def python_sdk(platform: Platform, name: str) -> Iterator[Program]:
    """Run a Python SDK."""
    with executed(
        platform, name, [sys.executable, str(HERE / "programs" / "python_sdk.py"), name]
    ) as program:
        yield program


@contextmanager
def work_sdk(platform: Platform) -> Iterator[Program]:
    """Run wechatpy 2 for 企业微信; it has an environment of its own, as its name is that of wechatpy 1."""
    assert WORK_PYTHON.exists(), "wechatpy 2 is not installed: run make e2e-setup"
    command = [str(WORK_PYTHON), str(HERE / "programs" / "python_sdk.py"), "wechatpy-work"]
    with executed(platform, "wechatpy-work", command) as program:
        yield program


@contextmanager
def node_sdk(platform: Platform) -> Iterator[Program]:
    """Run the Node SDKs; Node.js is the machine's or the one beside our Python."""
    assert (_NODE / "node_modules").is_dir(), "the Node SDKs are not installed: run make e2e-setup"
    with executed(platform, "co-wechat-api", [find_node(), str(_NODE / "sdk.cjs")]) as program:
        yield program


@contextmanager
def bare_node() -> Iterator[Program]:
    """Run the Node SDKs for what needs no platform."""
    assert (_NODE / "node_modules").is_dir(), "the Node SDKs are not installed: run make e2e-setup"
    with _running("wechat-crypto", [find_node(), str(_NODE / "sdk.cjs")]) as program:
        yield program


def find_node() -> str:
    beside = Path(sys.executable).parent
    node = shutil.which("node") or shutil.which("node", path=str(beside))
    assert node, "Node.js is missing: run make e2e-setup"
    return node


@contextmanager
def executed(platform: Platform, name: str, command: Sequence[str]) -> Iterator[Program]:
    """Run a command for which the platform's own names lead to the sandbox."""
    run = [sys.executable, "-m", "wechat_sandbox", "exec", "--url", platform.url, "--", *command]
    with _running(name, run) as program:
        yield program


@contextmanager
def _running(name: str, run: Sequence[str]) -> Iterator[Program]:
    environ = {**os.environ, "PYTHONWARNINGS": "ignore", "NODE_NO_WARNINGS": "1"}
    process = subprocess.Popen(
        run, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environ
    )
    try:
        yield Program(name, process)
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()
