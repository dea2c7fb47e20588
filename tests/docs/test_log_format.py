"""The verifier that the reference prints does verify: it accepts our log and refuses an altered one."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.log_samples import sample_log, write_log

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "log-format.md"


def run(log: Path) -> subprocess.CompletedProcess[str]:
    program = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    return subprocess.run([sys.executable, "-c", program, str(log)], capture_output=True, text=True, check=False)


def test_the_printed_verifier_agrees_with_ours(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    entries = sample_log(4, commands_of=2)
    entries[1] = entries[1].without("value")
    data = write_log(log, entries)
    assert run(log).stdout.strip() == f"verified, head {entries[-1].digest}"
    log.write_bytes(data.replace(b'"12.4"', b'"12.5"', 1))
    assert "line 1: value changed" in run(log).stderr
