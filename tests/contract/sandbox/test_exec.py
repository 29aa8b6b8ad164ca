"""``wechat-sandbox exec``: programs that know only WeChat's own addresses reach a sandbox."""

import json
import os
import shutil
import signal
import ssl
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from contract.sandbox.test_command import run
from wechat_sandbox import tls
from wechat_sandbox.execution import CannotAttach, Target, attach, environment
from wechat_sandbox.hosts import PLATFORM_HOSTS
from wechat_sandbox.tls import Authority

WECHATPY = """
import os
from wechatpy import WeChatClient
client = WeChatClient(os.environ["WECHAT_SANDBOX_APPID"], os.environ["WECHAT_SANDBOX_SECRET"])
print(len(client.access_token) > 60, client.misc.get_wechat_ips())
"""
ASYNC_LIBRARIES = """
import asyncio, os, aiohttp, httpx, uvloop
query = {
    "grant_type": "client_credential",
    "appid": os.environ["WECHAT_SANDBOX_APPID"],
    "secret": os.environ["WECHAT_SANDBOX_SECRET"],
}
url = "https://api.weixin.qq.com/cgi-bin/token"
async def main():
    async with aiohttp.ClientSession() as session, session.get(url, params=query) as answer:
        print((await answer.json(content_type=None))["expires_in"])
    async with httpx.AsyncClient() as client:
        print((await client.get(url, params=query)).json()["expires_in"])
    _, writer = await asyncio.open_connection("mp.weixin.qq.com", 443, ssl=True)
    print(writer.get_extra_info("peercert")["issuer"][0][0][1][:27])
    writer.close()
asyncio.run(main())
uvloop.run(main())
"""
NODE = """
const https = require('node:https')
const env = process.env
const url = 'https://api.weixin.qq.com/cgi-bin/token?grant_type=client_credential&appid=' +
  env.WECHAT_SANDBOX_APPID + '&secret=' + env.WECHAT_SANDBOX_SECRET
https.get(url, (answer) => {
  let text = ''
  answer.on('data', (part) => { text += part })
  answer.on('end', async () => {
    console.log(JSON.parse(text).expires_in)
    console.log((await (await fetch(url)).json()).expires_in)
  })
})
"""
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")


def execute(*arguments: str, cwd: Path, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "wechat_sandbox", "exec", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=cwd,
        env={**os.environ, "PYTHONWARNINGS": "ignore", **environ},
    )


def test_an_unmodified_wechatpy_gets_a_token(tmp_path: Path) -> None:
    # A proxy in the environment must not carry the calls to the real platform.
    ended = execute("--", sys.executable, "-c", WECHATPY, cwd=tmp_path, HTTPS_PROXY="http://127.0.0.1:1")
    assert (ended.stdout, ended.returncode) == ("True ['127.0.0.1']\n", 0), ended.stderr


def test_asynchronous_libraries_get_a_token_on_both_loops(tmp_path: Path) -> None:
    ended = execute("--", sys.executable, "-c", ASYNC_LIBRARIES, cwd=tmp_path)
    assert ended.stdout == "7200\n7200\nWeChat sandbox test authori\n" * 2, ended.stderr


@needs_node
def test_an_unmodified_node_program_gets_a_token(tmp_path: Path) -> None:
    ended = execute("--", "node", "-e", NODE, cwd=tmp_path)
    assert ended.stdout == "7200\n7200\n", ended.stderr


@needs_curl
def test_curl_gets_a_token_over_both_schemes(tmp_path: Path) -> None:
    query = "grant_type=client_credential&appid=$WECHAT_SANDBOX_APPID&secret=$WECHAT_SANDBOX_SECRET"
    script = "; ".join(
        f'curl -s "{scheme}://api.weixin.qq.com/cgi-bin/token?{query}"' for scheme in ("https", "http")
    )
    ended = execute("--", "sh", "-c", script, cwd=tmp_path)
    assert ended.stdout.count('"expires_in":7200') == 2, ended.stderr


def test_other_ports_of_the_platform_stay_closed_and_other_names_open(tmp_path: Path) -> None:
    script = (
        "import socket\n"
        "try:\n    socket.create_connection(('api.weixin.qq.com', 8443), 5)\n"
        "except ConnectionRefusedError:\n    print('refused')\n"
        "print(socket.gethostbyname('localhost'))\n"
    )
    ended = execute("--", sys.executable, "-c", script, cwd=tmp_path)
    assert ended.stdout == "refused\n127.0.0.1\n", ended.stderr


def test_a_hidden_sitecustomize_runs_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('mine')\n", encoding="utf-8")
    ended = execute("--", sys.executable, "-c", "print('program')", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert ended.stdout.splitlines()[-2:] == ["mine", "program"], ended.stderr


@pytest.mark.parametrize(
    ("command", "code"),
    [(("sh", "-c", "exit 7"), 7), (("sh", "-c", "kill -TERM $$"), 128 + 15), (("no-such-program",), 127)],
)
def test_it_ends_as_the_command_does(tmp_path: Path, command: tuple[str, ...], code: int) -> None:
    assert execute("--", *command, cwd=tmp_path).returncode == code


def test_a_signal_to_end_goes_on_to_the_command(tmp_path: Path) -> None:
    script = "trap 'echo ended; exit 3' TERM; echo started; while :; do sleep 0.05; done"
    with run("exec", "--", "sh", "-c", script, cwd=tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=20)
    assert (output, process.returncode) == ("ended\n", 3)


def test_it_uses_a_running_sandbox_by_address_or_by_state(tmp_path: Path) -> None:
    state = tmp_path / "s.db"
    options = ("--port", "0", "--https-port", "0", "--state", str(state), "--json", "--no-crowd")
    with run("serve", *options, cwd=tmp_path) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        script = "import os; print(os.environ['WECHAT_SANDBOX_URL'], os.environ['WECHAT_SANDBOX_SECRET'])"
        for how in (("--url", ready["url"]), ("--state", str(state))):
            ended = execute(*how, "--", sys.executable, "-c", script, cwd=tmp_path)
            assert ended.stdout.split() == [ready["url"], ready["accounts"][0]["secret"]], ended.stderr
        authority = attach(ready["url"]).ca_pem
        process.kill()
        process.wait(10)
    # After a kill the state still names the dead process: a sandbox of its own continues from it.
    ended = execute("--state", str(state), "--", sys.executable, "-c", WECHATPY, cwd=tmp_path)
    assert ended.stdout.startswith("True"), ended.stderr
    assert (tmp_path / "s.db.tls" / "ca.pem").read_bytes() == authority


def test_it_says_why_it_cannot_attach(tmp_path: Path) -> None:
    with run("serve", "--port", "0", "--json", "--no-crowd", cwd=tmp_path) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        with pytest.raises(CannotAttach, match="--https-port"):
            attach(url)
    with pytest.raises(CannotAttach, match="no sandbox answers"):
        attach(url)


def test_the_authority_stays_and_vouches_for_the_platform_alone(tmp_path: Path) -> None:
    made = Authority.open(tmp_path / "tls")
    made.server_context()
    assert Authority.open(tmp_path / "tls").ca_pem == made.ca_pem
    for name in ("ca.key", "server.pem"):
        assert stat.S_IMODE((tmp_path / "tls" / name).stat().st_mode) == 0o600
    listed = ssl.create_default_context(cadata=made.ca_pem.decode()).get_ca_certs()
    assert len(listed) == 1
    foreign = (tmp_path / "tls" / "ca.key").with_name("other.key")
    foreign.write_bytes(b"nonsense")
    foreign.replace(tmp_path / "tls" / "ca.key")
    with pytest.raises(ValueError, match=r"."):
        Authority.open(tmp_path / "tls")


def test_an_authority_that_may_not_vouch_for_every_name_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert all(host.endswith(tls._PERMITTED_NAMES) for host in PLATFORM_HOSTS)
    with monkeypatch.context() as before:
        before.setattr(tls, "_PERMITTED_NAMES", ("weixin.qq.com", "localhost"))
        old = Authority.open(tmp_path / "tls")
    assert Authority.open(tmp_path / "tls").ca_pem != old.ca_pem


def test_the_environment_adds_to_what_is_there(tmp_path: Path) -> None:
    account = dict.fromkeys(("appid", "secret", "token", "aes_key", "original_id"), "x")
    target = Target(
        url="http://127.0.0.1:1",
        address="127.0.0.1",
        port=1,
        https_port=2,
        ca_pem=b"PEM",
        accounts=(account,),
    )
    given = {"PYTHONPATH": "/mine", "NODE_OPTIONS": "--no-warnings", "NO_PROXY": "intra", "LANG": "C"}
    made = environment(target, tmp_path, given)
    assert made["PYTHONPATH"].split(os.pathsep)[1:] == ["/mine"]
    assert made["NODE_OPTIONS"].startswith("--no-warnings --require ")
    assert made["NO_PROXY"].split(",")[:2] == ["intra", PLATFORM_HOSTS[0]]
    assert made["LANG"] == "C"
    assert Path(made["SSL_CERT_FILE"]).read_bytes().endswith(b"PEM")


def test_hosts_prints_lines_for_a_hosts_file(tmp_path: Path) -> None:
    with run("hosts", "--address", "127.0.0.2", cwd=tmp_path) as process:
        output, _ = process.communicate(timeout=20)
    assert output.splitlines()[0] == "127.0.0.2 api.weixin.qq.com"
    assert len(output.splitlines()) == len(PLATFORM_HOSTS)
