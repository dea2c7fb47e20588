"""A compiled function that is kept on disk is never older than anything that it is made of."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba", reason="numba is an extra")

SOURCE = Path(__file__).parents[2] / "src/trialwright"
WRITER = SOURCE / "simulation/operating/kernel/writing.py"
TAKEN = """
def factor(x):
    return {factor} * x
"""
TAKER = """
from numba.extending import register_jitable
from trialwright.simulation.compiling import compiled
import taken
from taken import factor

register_jitable(factor)

def play(x):
    return factor(x) + 1

kernel = compiled(play, taken)
print(kernel(10), sum(kernel.stats.cache_hits.values()))
"""


def _run(folder: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", "import taker"],
        env=os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "NUMBA_CACHE_DIR": str(folder / "kept")},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.slow
def test_a_changed_formula_in_another_file_is_compiled_anew_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "taker.py").write_text(TAKER)
    (tmp_path / "taken.py").write_text(TAKEN.format(factor=2))
    assert _run(tmp_path) == ["21", "0"]
    assert _run(tmp_path) == ["21", "1"]
    (tmp_path / "taken.py").write_text(TAKEN.format(factor=3))
    assert _run(tmp_path) == ["31", "0"]


def _ours(tree: ast.Module) -> set[str]:
    """Modules of ours that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("trialwright"):
            found |= {node.module or "", *(f"{node.module}.{one.name}" for one in node.names)}
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names if one.name.startswith("trialwright")}
    return {one for one in found if (SOURCE.parent / (one.replace(".", "/") + ".py")).exists()}


def _kept(path: Path) -> bool:
    """Whether numba keeps what a file compiles; the writer of kernels names them by a digest of all that they take in."""
    return path != WRITER and "cache=True" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [one for one in sorted(SOURCE.rglob("*.py")) if _kept(one)], ids=lambda path: path.stem)
def test_a_file_that_lets_numba_keep_functions_takes_nothing_from_our_other_files(path: Path) -> None:
    """Else a change over there would go unseen; ``simulation.compiling`` is for those that do."""
    assert _ours(ast.parse(path.read_text(encoding="utf-8"))) == set()


@pytest.mark.parametrize("name", ["survival_kernel", "one_arm_looks", "operating/kernel/response_only_compiled"])
def test_whoever_compiles_names_every_file_that_the_function_takes_from(name: str) -> None:
    """Functions and constants by name, in the function that is compiled and in those of its file that it calls."""
    tree = ast.parse((SOURCE / f"simulation/{name}.py").read_text(encoding="utf-8"))
    (call,) = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "compiled"
    )
    first, *named = [argument.id for argument in call.args if isinstance(argument, ast.Name)]
    bodies = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    waiting, used = [first], set()
    while waiting:
        words = {node.id for node in ast.walk(bodies[waiting.pop()]) if isinstance(node, ast.Name)} - used
        used |= words
        waiting += [one for one in words if one in bodies]
    imported = {
        (alias.asname or alias.name): (node.module or "").rsplit(".", 1)[-1]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("trialwright")
        for alias in node.names
    }
    assert {imported[one] for one in used if one in imported} <= set(named)
    assert named


def test_numba_has_the_passes_that_written_kernels_leave_out() -> None:
    from numba.core.compiler import DefaultPassBuilder, Flags, StateDict

    from trialwright.simulation.operating.kernel.passes import LEFT_OUT

    state = StateDict()
    state.flags, state.func_ir = Flags(), None
    usual = [one[0] for one in DefaultPassBuilder.define_nopython_pipeline(state).passes]
    assert all(one in usual for one in LEFT_OUT)
