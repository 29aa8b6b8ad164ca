"""The command line before any platform runs: settings and usage that cannot be, and nothing to talk to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from quanyu.app import cli
from quanyu.app.backup import RestoreReport
from quanyu.app.cli_backup import _summary
from quanyu.app.cli_import import PHASES
from quanyu.app.database import UnusablePostgres, start_postgres
from quanyu.app.platform import silent
from quanyu.app.run_file import run_path
from quanyu.app.settings import InvalidSetting, Settings
from quanyu.flows.imports.contracts import ImportPhase

UNUSABLE = [
    ("QUANYU_CLOCK", "junk"),
    ("QUANYU_CLOCK", "1:2"),
    ("QUANYU_CLOCK", "1:2:-5"),
    ("QUANYU_CLOCK", "0:0:nan"),
    ("QUANYU_CLOCK", "0:1e30:1"),
    ("QUANYU_LOG_LEVEL", "LOUD"),
    ("QUANYU_LOG_DAYS", "0"),
    ("PORT", "99999"),
    ("QUANYU_PUBLIC_URL", "shop.example"),
    ("QUANYU_POSTGRES_URL", "junk"),
    ("QUANYU_POSTGRES_URL", "mysql://a:secret@host/x"),
    ("QUANYU_WAREHOUSE_URL", "junk"),
    ("QUANYU_WAREHOUSE_URL", "http://a:secret@host:99999"),
]


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory that does not exist, and is the chosen one."""
    for name in [name for name in os.environ if name.startswith("QUANYU_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("QUANYU_DATA", str(tmp_path / "nowhere"))
    return tmp_path / "nowhere"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    """Run ``quanyu`` in this process and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["quanyu", *arguments])
    with pytest.raises(SystemExit) as end:
        cli.main()
    return end.value.code


@pytest.mark.parametrize(("name", "value"), UNUSABLE)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidSetting, match=name) as refused:
        Settings.from_env({name: value})

    assert name in refused.value.message_zh
    assert refused.value.message_zh != refused.value.message
    assert "secret" not in refused.value.message + refused.value.message_zh


def test_settings_that_can_be_used_are_taken() -> None:
    settings = Settings.from_env(
        {
            "QUANYU_CLOCK": "0:1000:2",
            "QUANYU_LOG_LEVEL": "debug",
            "QUANYU_PUBLIC_URL": "https://shop.example/",
            "QUANYU_POSTGRES_URL": "host=db user=postgres",
            "QUANYU_WAREHOUSE_URL": "http://clickhouse:8123",
        }
    )

    assert (settings.clock.rate, settings.log_level, settings.url) == (2, "DEBUG", "https://shop.example")
    assert settings.postgres_superuser_url == "host=db user=postgres"


async def test_a_database_server_that_is_not_there_is_told_with_what_to_do(nowhere: Path) -> None:
    settings = Settings.from_env(
        {"QUANYU_DATA": str(nowhere), "QUANYU_POSTGRES_URL": "postgresql://a:secret@127.0.0.1:1/x"}
    )
    settings.data.prepare()

    with pytest.raises(UnusablePostgres, match=r"QUANYU_POSTGRES_URL.*check that it runs") as refused:
        await start_postgres(settings, silent)

    assert "请检查服务是否运行" in refused.value.message_zh
    assert "secret" not in refused.value.message
    assert "\n" not in refused.value.message


@pytest.mark.parametrize(
    "command",
    [
        "login",
        "sending",
        "sending --hold",
        "dead-letters",
        "archive",
        "replay",
        "backup new",
        "import list",
        "import status imp_1",
        "import cancel imp_1",
    ],
)
def test_without_a_deployment_nothing_is_begun(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    code = run(monkeypatch, *command.split())

    told = capsys.readouterr()
    assert code == 2
    assert told.out == ""
    assert "QUANYU_DATA" in told.err
    assert "请" in told.err
    assert not nowhere.exists()


def test_a_login_link_is_given_by_a_running_platform_alone(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = nowhere / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "master.key").write_text("a deployment that stands still")

    assert run(monkeypatch, "login") == 2

    assert "no platform runs" in capsys.readouterr().err
    assert sorted(path.name for path in nowhere.rglob("*")) == ["master.key", "secrets"]


def test_a_platform_that_does_not_answer_is_told(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # As after a crash, when another program got the platform's process id.
    for place in ("run", "secrets"):
        (nowhere / place).mkdir(parents=True, mode=0o700)
    run_path(Settings.from_env().data).write_text(
        f'{{"url": "http://127.0.0.1:1", "pid": {os.getpid()}, "clock": ""}}'
    )

    assert run(monkeypatch, "login") == 2

    told = capsys.readouterr().err
    assert "the platform does not answer" in told
    assert "平台没有应答" in told


@pytest.mark.parametrize(
    ("command", "chinese", "english"),
    [
        ("import nope", "没有这样的命令", "No such command 'nope'"),
        ("up --nope", "没有这个选项 --nope", "No such option: --nope"),
        ("import orders", "缺少参数", "Missing argument"),
        ("up --speed x", "参数的值无法使用 speed", "Invalid value"),
    ],
)
def test_wrong_usage_is_told_in_both_languages(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    chinese: str,
    english: str,
) -> None:
    assert run(monkeypatch, *command.split()) == 2

    told = capsys.readouterr().err
    assert chinese in told
    assert english in told
    assert "--help" in told


def test_one_line_stays_one_line_in_a_pipe(tmp_path: Path) -> None:
    long = tmp_path / ("a-data-directory-with-a-rather-long-name-" * 4)
    answer = subprocess.run(
        [sys.executable, "-c", "from quanyu.app.cli import main; main()", "login"],
        env={**os.environ, "QUANYU_DATA": str(long)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert answer.returncode == 2
    assert len(answer.stderr.splitlines()) == 2  # Chinese and English.


@pytest.mark.parametrize("file", [".", "/dev/null"])
def test_what_is_no_file_is_not_called_missing(
    nowhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: str
) -> None:
    example = str(Path(__file__).parents[3] / "examples" / "maps" / "online_retail.toml")

    assert run(monkeypatch, "import", "orders", file, "--map", example) == 2

    told = capsys.readouterr().err
    assert "a directory or a device" in told
    assert "目录或设备" in told
    assert not nowhere.exists()


def test_a_definition_nested_without_end_is_told_before_anything_is_asked(
    nowhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 100_000)

    assert run(monkeypatch, "segment", "count", str(deep)) == 2

    told = capsys.readouterr().err
    assert "nested too deep" in told
    assert "嵌套过深" in told


def test_a_restore_tells_what_it_cut_and_where_earlier_data_lies() -> None:
    report = RestoreReport(
        created_at="2026-03-04T04:00:00+00:00",
        brands=2,
        rows_cut=17,
        batches_reopened=3,
        archived_days=1,
        replaced=Path("/data/replaced-20260305T000000Z"),
        erasures=4,
    )

    told = _summary(report)

    assert "rows cut 17, " in told
    assert "batches opened again 3, " in told
    assert "done again at the start 4, " in told
    assert told.endswith("earlier data moved to /data/replaced-20260305T000000Z")


def test_every_phase_of_an_import_has_words() -> None:
    assert set(PHASES) == set(ImportPhase)
