"""The house rules that a machine can hold: rooms, sizes, names, no marks of unfinished work, no path of a machine."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "trialwright"
LONGEST_FILE, LONGEST_FUNCTION, MOST_PARAMETERS = 500, 50, 6
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc", "base", "service", "manager", "handler"}
FUNCTIONS_ALLOWED_LONGER: dict[str, str] = {}
PARAMETERS_ALLOWED_MORE = re.compile(r"src/trialwright/cli/.*")  # a command's options are its parameters


def sources() -> list[Path]:
    return sorted(path for path in SOURCE.rglob("*.py") if "__pycache__" not in path.parts)


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines without its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def test_rooms_import_only_what_stands_below_them() -> None:
    found = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout[-4000:]


def test_no_source_file_is_longer_than_the_budget() -> None:
    long = {
        str(path.relative_to(ROOT)): count for path in sources() if (count := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert not long


def test_no_function_is_longer_than_the_budget() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{function.name}": body_lines(function)
        for path in sources()
        for function in functions(path)
        if body_lines(function) > LONGEST_FUNCTION
    }
    assert long.keys() <= FUNCTIONS_ALLOWED_LONGER.keys(), long


def test_no_function_has_more_parameters_than_the_budget() -> None:
    many = {
        f"{path.relative_to(ROOT)}:{function.name}": count
        for path in sources()
        for function in functions(path)
        if (count := len([a for a in (*function.args.args, *function.args.posonlyargs) if a.arg not in ("self", "cls")]))
        > MOST_PARAMETERS
        and not PARAMETERS_ALLOWED_MORE.match(str(path.relative_to(ROOT)))
    }
    assert not many


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [path for path in sources() if FORBIDDEN_NAMES & set(path.stem.split("_"))]


def test_every_module_opens_with_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources()
        if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def test_nothing_unfinished_is_left_in_the_code() -> None:
    mark = re.compile(r"\b(TO" + "DO|FIX" + "ME|XX" + "X|HA" + r"CK)\b|raise Not" + "Implemented")
    assert not [str(path) for path in sources() if mark.search(path.read_text())]


@pytest.mark.parametrize(
    "pattern", [r"(^|[^A-Za-z0-9_.])/(work|root|farm)/", r"https?://(pypi|files\.pythonhosted|registry\.npmjs|deb\.debian)"]
)
def test_no_tracked_file_names_a_machine_s_path_or_a_registry(pattern: str) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    named = []
    for name in filter(None, listed.stdout.split("\0")):
        path = ROOT / name
        if path.suffix in (".png", ".zip", ".ttf", ".pdf", ".xz") or not path.is_file() or path == Path(__file__):
            continue
        if re.search(pattern, path.read_text(encoding="utf-8", errors="ignore")):
            named.append(name)
    assert not named


def test_the_product_never_reads_the_shared_folder() -> None:
    assert not [str(path) for path in sources() if re.search(r"\.\./shared|/shared/", path.read_text())]


def test_every_finding_code_has_a_page_and_every_page_a_code() -> None:
    used = {code for path in sources() for code in re.findall(r"TW-[A-Z]\d{3}", path.read_text())}
    pages = {path.stem for path in (ROOT / "docs/reference/findings").glob("TW-*.md")}
    assert not used - pages, f"codes without a page: {sorted(used - pages)}"
    assert not pages - used, f"pages without a code: {sorted(pages - used)}"


def test_every_decision_record_says_why_and_what_enforces_it() -> None:
    records = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert records
    for record in records:
        text = record.read_text()
        for heading in ("Context", "Decision", "Rejected", "Consequences", "Enforced by", "(What )?would change our mind"):
            assert re.search(rf"^(##+ |\*\*){heading}", text, re.MULTILINE | re.IGNORECASE), f"{record.name} lacks {heading}"
