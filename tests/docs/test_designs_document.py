"""The commands and the Python of docs/reference/designs.md run, and its file of a stated design is one of the golden ones."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

import pytest
from tests.docs.test_documents_run import BLOCK, NOT_RUN_HERE, ROOT, Step, run, steps

from trialwright.cli.designing import COMMANDS

pytestmark = pytest.mark.slow  # a file checked, and Python started anew

PAGE = ROOT / "docs/reference/designs.md"
FILES = ROOT / "tests/golden/designs"


def test_the_page_on_designs_does_what_it_says(tmp_path: Path) -> None:
    for path in FILES.glob("*.yaml"):
        shutil.copy(path, tmp_path)
    environment = {**os.environ, "TRIALWRIGHT_HOME": str(tmp_path / "home"), "NO_COLOR": "1"}
    for language, block in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if language == "python":
            run(Step(f"{shlex.quote(sys.executable)} -c {shlex.quote(block)}"), tmp_path, environment)
            continue
        for step in steps(block):
            assert not step.command.startswith(NOT_RUN_HERE)
            run(step, tmp_path, environment)


def test_the_page_names_every_design() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert not [name for name in COMMANDS if f"`design {name}`" not in text]


def test_the_file_that_the_page_shows_is_the_golden_one() -> None:
    shown = PAGE.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    assert shown in (FILES / "stated-right.yaml").read_text(encoding="utf-8")
