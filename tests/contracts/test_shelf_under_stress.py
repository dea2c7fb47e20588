"""A file shelf among other writers, on a full disk, and killed in the middle of its work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.log_samples import sample_log, sealed, write_log

from trialwright.log import GENESIS, HeadMoved, JsonLinesShelf, recover, verify
from trialwright.vocabulary.findings import Refused

ROOT = Path(__file__).parents[2]


def test_writers_at_the_same_time_each_decide_anew_until_they_follow_the_head(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"

    def write(writer: int) -> int:
        shelf, moved = JsonLinesShelf(path, durable=False), 0
        for number in range(15):
            while True:
                head = shelf.head()
                try:
                    shelf.append(sealed(head, f"w{writer}-{number}", {"value": "1"}, {"value": "2"}), head)
                    break
                except HeadMoved:
                    moved += 1
        return moved

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(write, range(4)))
    verified = verify(path)
    assert (verified.count, verified.findings) == (120, ())
    assert len({entry.key for entry in JsonLinesShelf(path).entries()}) == 60


def run(program: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from tests.log_samples import sealed
from trialwright.log import JsonLinesShelf
path = Path(sys.argv[1])
shelf = JsonLinesShelf(path)
head = shelf.head()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 300, resource.RLIM_INFINITY))
try:
    shelf.append(sealed(head, "too much", {"value": "1"}, {"value": "2"}), head)
except OSError:
    print("no room")
print(shelf.head() == head)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a Unix thing")
def test_a_write_that_finds_no_room_leaves_the_log_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    data = write_log(path, sample_log(3))
    said, complained = run(FULL_DISK, str(path)).communicate(timeout=60)
    assert said.split() == ["no", "room", "True"], complained
    assert path.read_bytes() == data


WRITE_FOREVER = """
import sys
from pathlib import Path
from tests.log_samples import sealed
from trialwright.log import JsonLinesShelf
shelf = JsonLinesShelf(Path(sys.argv[1]), durable=False)
head = shelf.head()
while True:
    head = shelf.append(sealed(head, f"k{head.sequence}", {"value": "x" * 20000}, {"value": "y"}), head)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGKILL")
def test_a_writer_killed_at_work_leaves_whole_commands_or_a_torn_end_that_recovers(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    writer = run(WRITE_FOREVER, str(path))
    deadline = time.monotonic() + 60
    while (not path.exists() or path.stat().st_size < 500_000) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(writer.pid, signal.SIGKILL)
    writer.communicate()
    try:
        JsonLinesShelf(path).head()
    except Refused:
        recover(path)
    verified = verify(path)
    assert verified.findings == ()
    assert verified.count > 20
    assert verified.count % 2 == 0
    head = JsonLinesShelf(path).head()
    assert JsonLinesShelf(path).append(sealed(head, "after", {"value": "1"}), head).sequence == verified.count


def test_a_folder_in_place_of_the_log_is_refused_with_a_finding(tmp_path: Path) -> None:
    for attempt in (JsonLinesShelf(tmp_path).head, lambda: recover(tmp_path)):
        with pytest.raises(Refused) as caught:
            attempt()
        assert [finding.code for finding in caught.value.findings] == ["TW-L017"]


def test_an_append_that_others_made_meanwhile_is_noticed_without_reading_all_again(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    one, other = JsonLinesShelf(path), JsonLinesShelf(path)
    head = one.append(sealed(GENESIS, "a", {"value": "1"}), GENESIS)
    head = other.append(sealed(head, "b", {"value": "2"}), head)
    other.erase(0, "value")
    again = sealed(head, "b", {"value": "2"})
    assert one.append(again, head) == head
    head = one.append(sealed(head, "c", {"value": "3"}), head)
    assert other.head() == head
    assert verify(path).redacted == 1
