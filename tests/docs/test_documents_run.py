"""Every fenced command in the documents runs, in order, in one home folder for each document.

In a ``console`` block a line that begins with ``$ `` is run; the lines below it must stand in what it prints (``…`` matches
anything). A comment ``# exit 10`` behind a command states its exit code; 0 is expected otherwise. ``python`` blocks are run too.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    *sorted((ROOT / "docs/tutorial").glob("*.md")),
    *sorted((ROOT / "docs/how-to").glob("*.md")),
]
NOT_RUN_HERE = ("make ", "git clone", "cd trialwright", "trialwright serve", "pip install", "python -m trialwright.web")
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass
class Step:
    command: str
    exit_code: int = 0
    expected: list[str] = field(default_factory=list)


def steps(block: str) -> list[Step]:
    found: list[Step] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            command, _, comment = line[2:].partition("  # ")
            code = re.search(r"exit (\d+)", comment)
            found.append(Step(command.strip(), int(code[1]) if code else 0))
        elif found and line.strip():
            found[-1].expected.append(line.strip())
    return found


def run(step: Step, folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(
        step.command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=180, check=False
    )
    printed = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == step.exit_code, f"{step.command}\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}"
    for line in step.expected:
        pattern = ".*?".join(re.escape(" ".join(part.split())) for part in line.split("…"))
        assert re.search(pattern, printed), f"{step.command}\n  wanted: {line}\n  printed: {printed[-1500:]}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_commands_of_a_document_do_what_it_says(document: Path, tmp_path: Path) -> None:
    blocks = BLOCK.findall(document.read_text(encoding="utf-8"))
    folder = tmp_path / "trialwright"
    folder.mkdir()
    for name in ("trials", "examples"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
    home = tmp_path / "home"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "TRIALWRIGHT_HOME": str(home), "PATH": path, "NO_COLOR": "1"}
    for language, block in blocks:
        if language == "python":
            run(Step(f"{shlex.quote(sys.executable)} -c {shlex.quote(block)}"), folder, environment)
            continue
        for step in steps(block):
            if not step.command.startswith(NOT_RUN_HERE):
                run(step, folder, environment)


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", document.read_text(encoding="utf-8")):
            if not (document.parent / target).exists():
                broken.append(f"{document.relative_to(ROOT)}: {target}")
    assert not broken
