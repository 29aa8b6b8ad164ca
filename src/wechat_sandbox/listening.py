"""The ports of a sandbox: HTTP always, HTTPS when asked for."""

import ipaddress
import shutil
import tempfile
from pathlib import Path

from aiohttp import web

from wechat_sandbox.config import SandboxConfig
from wechat_sandbox.tls import Authority

_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - only translated to loopback.


class Doors:
    """Opens the ports and says where they are."""

    def __init__(self, config: SandboxConfig) -> None:
        self._config = config
        self._runner: web.AppRunner | None = None
        self._temporary: Path | None = None
        self.port = 0
        self.https_port: int | None = None
        self.ca_pem = b""

    @property
    def address(self) -> str:
        """The address under which programs on this machine reach the ports."""
        return _ANY_ADDRESS.get(self._config.host, self._config.host)

    @property
    def url(self) -> str:
        return f"http://{_in_url(self._config.host)}:{self.port}"

    @property
    def https_url(self) -> str:
        """The HTTPS address, empty when it is not served."""
        return f"https://{_in_url(self._config.host)}:{self.https_port}" if self.https_port else ""

    async def open(self, app: web.Application) -> None:
        """Listen.

        Raises:
            OSError: a port is taken or the certificate directory cannot be used.
            ValueError: the certificate directory holds something else.
        """
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        self._runner = runner
        await runner.setup()
        await web.TCPSite(runner, self._config.host, self._config.port).start()
        self.port = int(runner.addresses[0][1])
        if self._config.https_port is None:
            return
        authority = Authority.open(self._tls_dir())
        self.ca_pem = authority.ca_pem
        context = authority.server_context(addresses=_numeric(self._config.host))
        plain = len(runner.addresses)
        site = web.TCPSite(runner, self._config.host, self._config.https_port, ssl_context=context)
        await site.start()
        self.https_port = int(runner.addresses[plain][1])

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _tls_dir(self) -> Path:
        """Keep the authority with the state, so that a program that trusts it does so after a restart."""
        if self._config.tls_dir is not None:
            return self._config.tls_dir
        if self._config.state is not None:
            return self._config.state.with_name(self._config.state.name + ".tls")
        self._temporary = Path(tempfile.mkdtemp(prefix="wechat-sandbox-tls-"))
        return self._temporary


def _numeric(host: str) -> tuple[str, ...]:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ()
    return () if address.is_unspecified else (str(address),)


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
