"""Every fenced command in the documents runs, in order, in one home folder for each document (the two that rehearse share
one, so that the second reuses the rehearsal of the first).

In a ``console`` block a line that begins with ``$ `` is run; the lines below it must stand in what it prints (``…`` matches
anything). A comment ``# exit 10`` behind a command states its exit code; 0 is expected otherwise. ``python`` blocks are run too.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from trialwright.cli.main import cli

ROOT = Path(__file__).parents[2]
REHEARSED = (ROOT / "docs/how-to/rehearse-and-report.md", ROOT / "README.md")
READ_TOGETHER = [
    REHEARSED,
    *((path,) for path in sorted((ROOT / "docs/tutorial").glob("*.md"))),
    *((path,) for path in sorted((ROOT / "docs/how-to").glob("*.md")) if path not in REHEARSED),
]
NOT_RUN_HERE = ("make ", "git clone", "cd trialwright", "trialwright serve", "pip install", "python -m trialwright.web")
CODE_SPAN = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?:\]\(|<img src=\")(?!https?:|mailto:|#)([^)#\"]+)")
SHELL = set("|><;&$`*")
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


def outcome(command: str, folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Run a command; return its exit code and what it printed. Ours run in this process, which saves their start."""
    if command.startswith("trialwright ") and not SHELL & set(command):
        with contextlib.chdir(folder):
            ours = CliRunner().invoke(cli, shlex.split(command)[1:], env=environment, catch_exceptions=False)
        return ours.exit_code, ours.output
    done = subprocess.run(
        command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=180, check=False
    )
    return done.returncode, done.stdout + done.stderr


def run(step: Step, folder: Path, environment: dict[str, str]) -> None:
    code, output = outcome(step.command, folder, environment)
    printed = " ".join(output.split())
    assert code == step.exit_code, f"{step.command}\n{output[-3000:]}"
    for line in step.expected:
        pattern = ".*?".join(re.escape(" ".join(part.split())) for part in line.split("…"))
        assert re.search(pattern, printed), f"{step.command}\n  wanted: {line}\n  printed: {printed[-1500:]}"


@pytest.mark.parametrize("documents", READ_TOGETHER, ids=lambda documents: "+".join(path.stem for path in documents))
def test_the_commands_of_a_document_do_what_it_says(documents: tuple[Path, ...], tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "TRIALWRIGHT_HOME": str(tmp_path / "home"), "PATH": path, "NO_COLOR": "1"}
    for document in documents:
        folder = tmp_path / document.stem
        folder.mkdir()
        for name in ("trials", "examples"):
            shutil.copytree(ROOT / name, folder / name)
        for language, block in BLOCK.findall(document.read_text(encoding="utf-8")):
            if language == "python":
                run(Step(f"{shlex.quote(sys.executable)} -c {shlex.quote(block)}"), folder, environment)
                continue
            for step in steps(block):
                if not step.command.startswith(NOT_RUN_HERE):
                    run(step, folder, environment)


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        for target in LINK.findall(CODE_SPAN.sub("", document.read_text(encoding="utf-8")))
        if not (document.parent / target).exists()
    ]
    assert not broken
