"""Install Chromium for the page tests where that may be done (root on Debian); say so where it may not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "poppler-utils")


def main() -> int:
    """Return 0 when a browser is there, or when the tests that need one may be skipped."""
    if any(shutil.which(name) for name in BROWSERS) and shutil.which("pdftoppm"):
        return 0
    if shutil.which("apt-get") and os.geteuid() == 0:
        print(f"· installing {' and '.join(PACKAGES)} from Debian for the page tests", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
        subprocess.run(["apt-get", "update", "-qq"], check=True, **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES], check=True, **quiet)
        return 0
    if os.environ.get("CI"):
        print("In CI nothing is skipped, and there is no Chromium.", file=sys.stderr)
        return 1
    print("· no Chromium or pdftoppm here: the tests that look at pages in a browser will be skipped, and say so")
    return 0


if __name__ == "__main__":
    sys.exit(main())
