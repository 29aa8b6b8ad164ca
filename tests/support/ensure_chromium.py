"""Make sure a Chromium is there for the browser tests; on Debian and Ubuntu it is installed if missing."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_chromium() -> str | None:
    """Return the browser's program: ``QUANYU_CHROMIUM``, or the first usual name that exists."""
    return os.environ.get("QUANYU_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def main() -> None:
    """Find a browser, or install one with apt; without either, the browser tests will say so."""
    if find_chromium():
        return
    if shutil.which("apt-get") is None:
        sys.exit("The browser tests need Chromium: install it, or name its program in QUANYU_CHROMIUM.")
    print("→ installing Chromium with apt", flush=True)
    command = ["apt-get"] if os.geteuid() == 0 else ["sudo", "apt-get"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([*command, "update", "-qq"], check=True, env=environment)
    subprocess.run(
        [*command, "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-noto-cjk"],
        check=True,
        env=environment,
        stdout=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    main()
