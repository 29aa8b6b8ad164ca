"""Backup and restore on the real engines, in processes of their own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from quanyu.app.backup.errors import DamagedBackup
from quanyu.app.backup.manifest import Manifest
from quanyu.infra.data_directory import DataDirectory, UnfinishedRestore
from support.platform import scratch_directory

pytestmark = pytest.mark.slow
TESTS = Path(__file__).parents[2]


def start(action: str, *paths: Path, die_at: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "support.deployment", action, *map(str, paths)],
        cwd=TESTS,
        env={**os.environ, "DIE_AT": die_at},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def run(action: str, *paths: Path) -> dict[str, Any]:
    """Run one action of ``support.deployment`` and return what it printed."""
    result = start(action, *paths)
    assert result.returncode == 0, result.stderr
    printed: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return printed


@pytest.fixture(scope="module")
def room() -> Iterator[Path]:
    with scratch_directory() as path:
        yield path


@pytest.fixture(scope="module")
def backup(room: Path) -> Path:
    """103 stored events, 5 accepted ones that wait, and a warehouse 25 rows ahead of the snapshot."""
    target = room / "backup"
    made = run("fill", room / "original", target)
    archived, *files = made["files"]
    assert made["cursors"] == [{"tenant_id": 7, "batch_id": 2, "events": 103}]
    assert files == ["master.key", "postgres.dump", "warehouse.tar"]
    assert archived.startswith("archive/7/2026-03-04-001-")
    return target


@pytest.fixture(scope="module")
def restored(room: Path, backup: Path) -> dict[str, Any]:
    return run("restore", room / "restored", backup)


def refusal(result: "subprocess.CompletedProcess[str]") -> str:
    """Return the last line of a failed run: the error and its message."""
    assert result.returncode == 1
    return result.stderr.strip().splitlines()[-1]


def test_a_restored_deployment_equals_the_snapshot_and_goes_on(
    room: Path, backup: Path, restored: dict[str, Any]
) -> None:
    assert restored["rows_cut"] == 25  # Five that waited and twenty later ones, stored during the backup.
    assert restored["batches_reopened"] == 0

    figures = run("read", room / "restored")

    # 107 orders of 10.0001, and one identify; the five that waited are stored once more.
    assert figures["events"] == [[108, "1070.0107", 108, "535", 12, 11]]
    assert (figures["accepted"], figures["archived"]) == (5, 103)
    assert restored["archived_days"] == 1
    assert figures["epoch"] == 2
    assert len([person for person, canonical in figures["people"] if person != canonical]) == 1
    assert "+8613800138000" in figures["identifiers"]
    levels = [json.loads(attributes).get("level") for _, attributes, _ in figures["profiles"]]
    assert [level for level in levels if level] == ["gold"]

    after = run("go_on", room / "restored")

    # A new event comes after all restored ones, although the new cluster began counting transactions anew.
    assert after["events"] == [[109, "1080.0108", 109, "540", 12, 11]]
    assert after["accepted"] == 6


def test_nobody_else_can_read_a_backup(backup: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in [backup, *backup.iterdir()]}
    (archived,) = (backup / "archive").glob("7/*")
    assert (archived.parent.stat().st_mode & 0o777, archived.stat().st_mode & 0o777) == (0o700, 0o600)
    assert modes == {
        "backup": 0o700,
        "archive": 0o700,
        "manifest.json": 0o600,
        "master.key": 0o600,
        "postgres.dump": 0o600,
        "warehouse.tar": 0o600,
    }


def test_a_changed_backup_is_refused_before_anything_is_touched(room: Path, backup: Path) -> None:
    damaged = room / "damaged"
    shutil.copytree(backup, damaged)
    with (damaged / "warehouse.tar").open("r+b") as file:
        file.seek(1000)
        file.write(b"\xff")

    result = start("restore", room / "untouched", damaged)

    assert "DamagedBackup" in refusal(result)
    assert "warehouse.tar" in refusal(result)
    assert not (room / "untouched").exists()


def test_history_comes_back_from_the_archive_when_the_warehouse_was_not_backed_up(
    room: Path, backup: Path
) -> None:
    bare = room / "bare"
    shutil.copytree(backup, bare)
    manifest = json.loads((bare / "manifest.json").read_text())
    manifest["has_warehouse"] = False
    del manifest["files"]["warehouse.tar"]
    (bare / "manifest.json").write_text(json.dumps(manifest))
    (bare / "warehouse.tar").unlink()

    report = run("restore", room / "from-archive", bare)

    assert report["batches_reopened"] == 2
    assert run("read", room / "from-archive")["events"] == [[108, "1070.0107", 108, "535", 12, 11]]


def test_messages_wait_after_a_restore(room: Path, restored: dict[str, Any]) -> None:
    """What went out after the backup is not in it."""
    assert run("read", room / "restored")["held"] == [[7, "restored", "2026-04-04 04:00:00+00"]]


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "elsewhere/file", "archive/../../outside"])
def test_a_manifest_that_names_files_elsewhere_is_refused(room: Path, backup: Path, name: str) -> None:
    hostile = room / f"hostile-{abs(hash(name))}"
    hostile.mkdir()
    manifest = json.loads((backup / "manifest.json").read_text())
    manifest["files"][name] = {"bytes": 0, "sha256": ""}
    (hostile / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(DamagedBackup, match="outside"):
        Manifest.read(hostile)


def test_a_backup_without_a_file_of_the_archive_does_not_come_about(room: Path, backup: Path) -> None:
    (archived,) = (room / "original" / "archive").glob("7/*.parquet")
    away = archived.rename(room / "away.parquet")
    result = start("back_up_again", room / "original", room / "second")
    away.rename(archived)

    assert "DamagedArchive" in refusal(result)
    assert archived.name in refusal(result)
    assert not (room / "second").exists()


def test_a_folder_without_manifest_is_no_backup(room: Path, backup: Path) -> None:
    cut_short = room / "cut-short"
    shutil.copytree(backup, cut_short)
    (cut_short / "manifest.json").unlink()

    result = start("restore", room / "untouched", cut_short)

    assert "holds no manifest.json" in refusal(result)
    assert not (room / "untouched").exists()


def test_without_its_master_key_a_backup_is_refused(room: Path, backup: Path) -> None:
    keyless = room / "keyless"
    shutil.copytree(backup, keyless)
    manifest = json.loads((keyless / "manifest.json").read_text())
    manifest["has_master_key"] = False
    del manifest["files"]["master.key"]
    (keyless / "manifest.json").write_text(json.dumps(manifest))
    (keyless / "master.key").unlink()

    result = start("restore", room / "untouched", keyless)

    assert "WrongMasterKey" in refusal(result)
    assert manifest["master_key_fingerprint"] in refusal(result)
    assert not (room / "untouched").exists()


def test_data_that_is_there_is_not_overwritten(room: Path, backup: Path, restored: dict[str, Any]) -> None:
    before = (room / "original/postgres/cluster/global/pg_control").read_bytes()

    result = start("restore", room / "original", backup)

    assert "TargetNotEmpty" in refusal(result)
    assert (room / "original/postgres/cluster/global/pg_control").read_bytes() == before


def test_a_restore_killed_half_way_is_finished_and_erases_again(room: Path, backup: Path) -> None:
    """ID-3, on a new machine: a newer backup beside the old one knows of the erasure."""
    shelf = room / "shelf"
    shutil.copytree(backup, shelf / "old")
    later = run("erase", room / "original", shelf / "later")
    assert "erasures.jsonl" in later["files"]
    assert "13800138000" not in (shelf / "later" / "erasures.jsonl").read_text()
    target = room / "forgets"
    assert start("restore", target, shelf / "old", die_at="reconciling").returncode == -9
    with pytest.raises(UnfinishedRestore):
        DataDirectory(target).prepare()
    assert run("restore", target, shelf / "old")["erasures"] == 1

    figures = run("reopen", target)

    before = figures["before"]  # Nothing was taken in yet, nobody could ask yet.
    assert "+8613800138000" not in before["identifiers"]
    assert "u1" not in before["identifiers"]
    assert later["person"] not in [person for person, _ in before["people"]]
    assert (figures["erased"], figures["twice"]) == (1, 0)
    [[state, steps]] = figures["requests"]
    assert (state, steps["again"]["found"], steps["warehouse"]["events"]) == ("done", 1, 11)
    # The ten orders of u1 stay as nobody's; the five that waited are stored as ever.
    assert figures["events"][0][:2] == [107, "1070.0107"]
    assert not [one for one in figures["profiles"] if "gold" in one[1] and not one[2]]
