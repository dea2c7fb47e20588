"""Gather the portal's words anew and compile their translations: ``python src/trialwright/web/locale/rebuild.py``.

Needs GNU gettext. What has no translation yet is left empty in django.po, and the tests say so.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from django.core.management import call_command

from trialwright.web.settings import configure

WEB = Path(__file__).parent.parent


def main() -> None:
    """Write django.po and django.mo of each language."""
    os.chdir(WEB)
    configure(WEB, ["localhost"], "only to gather words")
    call_command("makemessages", "-l", "it", "--no-wrap", "--add-location", "file", "--no-obsolete", verbosity=0)
    for source in sorted(WEB.glob("locale/*/LC_MESSAGES/django.po")):
        lines = [line for line in source.read_text("utf-8").splitlines() if not line.startswith('"POT-Creation-Date')]
        source.write_text("\n".join(lines) + "\n", "utf-8")
        command = ["msgfmt", "--check-format", "-o", str(source.with_suffix(".mo")), str(source)]
        subprocess.run(command, check=True)  # noqa: S603 - our own files


if __name__ == "__main__":
    main()
