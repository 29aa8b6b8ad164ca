"""The simulated brand: the WeChat sandbox as a child process, and this platform connected to it.

The platform knows the sandbox only as a real platform: by address and credentials. Both run on one
clock that may be faster than real time; it stands still while the platform is stopped.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from quanyu.app.demo_company import furnish_company
from quanyu.app.demo_content import furnish
from quanyu.app.demo_credentials import NAME, SMS_TEMPLATES, DemoAccount, DemoCompany, DemoSms
from quanyu.app.demo_forms import furnish_forms
from quanyu.app.platform import BrandSpec, Report
from quanyu.app.settings import Settings
from quanyu.infra.data_directory import make_private
from quanyu.infra.secret_file import write_secret
from quanyu.infra.telemetry import get_logger
from quanyu.kernel.clock import SystemClock
from quanyu.kernel.errors import Unavailable
from quanyu.modules.channels.contracts import ConnectedAccount, ConnectOfficialAccount
from quanyu.modules.channels.gateways.contracts import ConnectSms
from quanyu.modules.channels.wecom.contracts import ConnectCorp, ConnectedCorp

if TYPE_CHECKING:
    from quanyu.app.platform import Platform

_log = get_logger("demo")

DEMO_BRAND: Final = BrandSpec(key="demo", name="青山茶食 Qingshan Tea & Snacks", is_demo=True)
BACKFILL_DAYS: Final = 30
PEOPLE: Final = 600
SEED: Final = 20260501
# Lively, so that a newcomer sees journeys, messages and orders move within a minute or two.
ACTIVITY: Final = 10.0
# The past is thinned to what is played in seconds; fewer would make it look far poorer than today.
BACKFILL_EVENTS_MAX: Final = 20_000
_HEARTBEAT_S: Final = 5.0
_START_LIMIT_S: Final = 60.0
_STOP_LIMIT_S: Final = 10.0


class SandboxFailed(Unavailable):
    """The sandbox did not start; its log says why."""

    code = "demo.sandbox_failed"


class Demo:
    """Starts the sandbox, connects the brand to it, stops it."""

    def __init__(self, settings: Settings, *, speed: float) -> None:
        self._home = settings.data.root / "demo"
        settings.data.prepare()
        make_private(self._home)
        clock = settings.clock if "QUANYU_CLOCK" in os.environ else self._resume_clock(speed)
        self.settings = replace(settings, clock=clock)
        self._process: asyncio.subprocess.Process | None = None
        self._heartbeat: asyncio.Task[None] | None = None
        self._furnishing: list[asyncio.Task[None]] = []

    async def start(self, platform: "Platform", report: Report) -> None:
        """Start the sandbox and connect the brand's official account and company to it.

        Raises:
            SandboxFailed: it ended or did not answer in time.
        """
        report("正在启动微信沙箱与模拟顾客", "Starting the WeChat sandbox and its people")
        await asyncio.to_thread(self._end_left_over)
        account = DemoAccount.at(self._home / "account.json")
        company = DemoCompany.at(self._home / "company.json")
        sms = DemoSms.at(self._home / "sms.json")
        port = _choose_port(self.settings.port + 1)
        connected = await self._connect(platform, account, base_url=f"http://127.0.0.1:{port}")
        corp = await self._connect_company(platform, company, base_url=f"http://127.0.0.1:{port}")
        await self._connect_sms(platform, sms, base_url=f"http://127.0.0.1:{port}")
        config = [
            *self._settings(port, await self._write_key(platform)),
            account.as_config(connected.setup.url),
            company.as_config(corp.setup.url),
            sms.as_config(),
        ]
        await self._spawn(self._write_config(config))
        await furnish(platform, connected.account.id)
        self._furnishing = [
            asyncio.create_task(furnish_company(platform, corp.corp.id)),
            asyncio.create_task(furnish_forms(platform)),
        ]
        self._heartbeat = asyncio.create_task(self._keep_time())

    async def stop(self) -> None:
        """Stop the sandbox and note the time."""
        for furnishing in self._furnishing:
            furnishing.cancel()
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            self._note_time()
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), _STOP_LIMIT_S)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        (self._home / "sandbox.pid").unlink(missing_ok=True)

    async def _connect(
        self, platform: "Platform", account: DemoAccount, *, base_url: str
    ) -> ConnectedAccount:
        """Connect the account the way an operator would."""
        services = platform.services
        command = ConnectOfficialAccount(
            app_id=account.appid,
            app_secret=account.secret,
            name=NAME,
            token=account.token,
            encoding_aes_key=account.aes_key,
            base_url=base_url,
        )
        async with services.uows.app(platform.brand.tenant_id) as uow:
            return await services.channels.connect(uow, command)

    async def _connect_company(
        self, platform: "Platform", company: DemoCompany, *, base_url: str
    ) -> ConnectedCorp:
        command = ConnectCorp(
            app_id=company.corpid,
            agent_id=company.agent_id,
            app_secret=company.app_secret,
            contacts_secret=company.contacts_secret,
            service_secret=company.service_secret,
            name=NAME,
            token=company.token,
            encoding_aes_key=company.aes_key,
            base_url=f"{base_url}/qyapi.weixin.qq.com",
        )
        async with platform.services.uows.app(platform.brand.tenant_id) as uow:
            return await platform.services.corp_desk.connect(uow, command)

    async def _connect_sms(self, platform: "Platform", sms: DemoSms, *, base_url: str) -> None:
        command = ConnectSms(
            app_id=sms.app_id,
            secret_id=sms.secret_id,
            secret_key=sms.secret_key,
            sign_name=sms.sign_name,
            name=f"{NAME}短信",
            base_url=f"{base_url}/sms.tencentcloudapi.com",
            templates=SMS_TEMPLATES,
        )
        async with platform.services.uows.app(platform.brand.tenant_id) as uow:
            await platform.services.gateways.connect(uow, command)

    async def _write_key(self, platform: "Platform") -> str:
        path = self._home / "write-key"
        if not path.exists():
            async with platform.services.uows.app(platform.brand.tenant_id) as uow:
                key = await platform.services.tenants.make_write_key(
                    uow, name="模拟小店 Demo shop", source="shop"
                )
            write_secret(path, key.encode())
        return path.read_text()

    def _settings(self, port: int, write_key: str) -> list[str]:
        own_url = f"http://127.0.0.1:{self.settings.port}"
        return [
            'host = "127.0.0.1"',
            f"port = {port}",
            f"seed = {SEED}",
            f"people = {PEOPLE}",
            f"state = {json.dumps(str(self._home / 'sandbox.state'))}",
            f"backfill_days = {BACKFILL_DAYS}",
            f"activity = {ACTIVITY}",
            f"backfill_events_max = {BACKFILL_EVENTS_MAX}",
            "[tracking]",
            f"url = {json.dumps(own_url)}",
            f"write_key = {json.dumps(write_key)}",
        ]

    def _write_config(self, lines: list[str]) -> Path:
        path = self._home / "sandbox.toml"
        write_secret(path, "\n".join(lines).encode())
        return path

    async def _spawn(self, config: Path) -> None:
        log = (self._home / "sandbox.log").open("ab")
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "wechat_sandbox",
            "serve",
            "--config",
            str(config),
            "--json",
            "--exit-with-parent",  # Should we be killed, nobody would stop it.
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env={**os.environ, "QUANYU_CLOCK": self.settings.clock.to_env()},
            start_new_session=True,  # Ctrl-C is ours to pass on, in order.
        )
        log.close()
        (self._home / "sandbox.pid").write_text(str(self._process.pid))
        assert self._process.stdout is not None
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), _START_LIMIT_S)
        except TimeoutError:
            line = b""
        if not line:
            raise SandboxFailed(
                f"the sandbox did not start; see {self._home / 'sandbox.log'}",
                message_zh=f"微信沙箱未能启动，请查看 {self._home / 'sandbox.log'}",
            )

    def _end_left_over(self) -> None:
        """End the sandbox of a run that was killed."""
        try:
            process = psutil.Process(int((self._home / "sandbox.pid").read_text()))
            if not any("wechat_sandbox" in part for part in process.cmdline()):
                return
            process.send_signal(signal.SIGTERM)
            process.wait(_STOP_LIMIT_S)
        except (OSError, ValueError, psutil.NoSuchProcess):
            return
        except psutil.TimeoutExpired:
            process.kill()

    def _resume_clock(self, speed: float) -> SystemClock:
        """Go on from the noted time, a little later: it was noted up to one heartbeat before the end."""
        now_s = time.time()
        try:
            noted_s = float((self._home / "clock").read_text())
            virtual_s = noted_s + 2 * _HEARTBEAT_S * speed
        except (OSError, ValueError):
            virtual_s = now_s
        return SystemClock(now_s, virtual_s, speed)

    async def _keep_time(self) -> None:
        while True:
            self._note_time()
            await asyncio.sleep(_HEARTBEAT_S)

    def _note_time(self) -> None:
        path = self._home / "clock.new"
        path.write_text(repr(self.settings.clock.now().timestamp()))
        path.replace(self._home / "clock")


def _choose_port(wanted: int) -> int:
    """Return ``wanted`` if it is free, else any free port."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            free: int = probe.getsockname()[1]
            return free
    raise SandboxFailed("no free port on this machine")
