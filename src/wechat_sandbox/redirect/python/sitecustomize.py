"""Sends one process's calls to the platform into a sandbox: loaded by Python itself at start.

``wechat-sandbox exec`` puts this directory on ``PYTHONPATH``. The platform's names resolve to a marker
address of the loopback network, and a connection to the marker goes to the sandbox's port instead: so
it does not matter whether a library connects with the port it asked the resolver for, or with its own.
Works with every library that uses the ``socket`` module or uvloop. Only the standard library is used here.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import socket
import sys
from typing import Any

MARKER = "127.87.88.1"


class Redirect:
    """Where the platform's names lead."""

    def __init__(self, setting: dict[str, Any]) -> None:
        self.hosts = frozenset(setting["hosts"])
        self.address = str(setting["address"])
        self.ports = {int(port): int(target) for port, target in setting["ports"].items()}

    def is_platform(self, host: Any) -> bool:
        if isinstance(host, (bytes, bytearray)):
            host = bytes(host).decode("ascii", "replace")
        return isinstance(host, str) and host.lower().rstrip(".") in self.hosts

    def target(self, address: Any) -> Any:
        """Return the address to connect to in place of the given one."""
        if not isinstance(address, tuple) or len(address) < 2:
            return address
        if address[0] != MARKER and not self.is_platform(address[0]):
            return address
        # A port the platform does not serve stays closed: nothing may reach the real platform.
        return (self.address, self.ports.get(int(address[1]), 1))


def install(redirect: Redirect) -> None:
    """Patch name resolution and connecting for this process."""
    _patch_resolving(redirect)
    _patch_connecting(redirect)
    sys.meta_path.insert(0, _UvloopPatcher(redirect))


def _patch_resolving(redirect: Redirect) -> None:
    getaddrinfo, by_name, by_name_ex = socket.getaddrinfo, socket.gethostbyname, socket.gethostbyname_ex

    def patched_getaddrinfo(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        return getaddrinfo(MARKER if redirect.is_platform(host) else host, port, *args, **options)

    def patched_by_name(name: str) -> str:
        return MARKER if redirect.is_platform(name) else by_name(name)

    def patched_by_name_ex(name: str) -> Any:
        return (name, [], [MARKER]) if redirect.is_platform(name) else by_name_ex(name)

    socket.getaddrinfo = patched_getaddrinfo
    socket.gethostbyname = patched_by_name
    socket.gethostbyname_ex = patched_by_name_ex


def _patch_connecting(redirect: Redirect) -> None:
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def patched_connect(self: socket.socket, address: Any) -> None:
        connect(self, redirect.target(address))

    def patched_connect_ex(self: socket.socket, address: Any) -> int:
        return connect_ex(self, redirect.target(address))

    patched: Any = socket.socket
    patched.connect = patched_connect
    patched.connect_ex = patched_connect_ex


class _UvloopPatcher(importlib.abc.MetaPathFinder):
    """uvloop resolves and connects below Python's socket module: patch its loop when it is imported."""

    def __init__(self, redirect: Redirect) -> None:
        self._redirect = redirect

    def find_spec(self, name: str, path: Any, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if name != "uvloop":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_and_patch(module: Any) -> None:
                run(module)
                _patch_uvloop(module.Loop, self._redirect)

            spec.loader.exec_module = run_and_patch  # type: ignore[method-assign]
        return spec


def _patch_uvloop(loop_class: Any, redirect: Redirect) -> None:
    getaddrinfo, create_connection = loop_class.getaddrinfo, loop_class.create_connection
    sock_connect = loop_class.sock_connect

    async def patched_getaddrinfo(self: Any, host: Any, port: Any, **options: Any) -> Any:
        return await getaddrinfo(self, MARKER if redirect.is_platform(host) else host, port, **options)

    async def patched_create(
        self: Any, protocol_factory: Any, host: Any = None, port: Any = None, **options: Any
    ) -> Any:
        if host is not None and port is not None:
            place = redirect.target((host, port))
            if place != (host, port) and options.get("ssl") and not options.get("server_hostname"):
                options["server_hostname"] = host
            host, port = place
        return await create_connection(self, protocol_factory, host, port, **options)

    async def patched_sock_connect(self: Any, sock: Any, address: Any) -> Any:
        return await sock_connect(self, sock, redirect.target(address))

    loop_class.getaddrinfo = patched_getaddrinfo
    loop_class.create_connection = patched_create
    loop_class.sock_connect = patched_sock_connect


def _run_next_sitecustomize() -> None:
    """Load the ``sitecustomize`` this one hides, if there is one."""
    here = os.path.dirname(os.path.abspath(__file__))
    others = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


_SETTING = os.environ.get("WECHAT_SANDBOX_REDIRECT")
if _SETTING and __name__ == "sitecustomize":
    install(Redirect(json.loads(_SETTING)))
    _run_next_sitecustomize()
