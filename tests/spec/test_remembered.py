"""What is kept of a value: made once for its stamp, again for another, and nobody waits for somebody else's."""

from __future__ import annotations

from threading import Event, Thread

import pytest

from trialwright.web.cache import Remembered


def test_a_value_is_made_once_for_a_stamp_and_again_for_another() -> None:
    kept: Remembered[list[int]] = Remembered()
    first = kept.get("a", 1, lambda: [1])
    assert kept.get("a", 1, lambda: [2]) is first
    assert kept.get("a", 2, lambda: [3]) == [3]


def test_only_the_last_few_are_kept() -> None:
    kept: Remembered[int] = Remembered(most=2)
    for key in ("a", "b", "c"):
        kept.get(key, 0, lambda: 1)
    assert [kept.get(key, 0, lambda: 2) for key in ("b", "c")] == [1, 1]
    assert kept.get("a", 0, lambda: 2) == 2


def test_two_callers_at_once_make_a_value_once_and_a_third_for_another_does_not_wait() -> None:
    kept: Remembered[str] = Remembered()
    begun, go_on = Event(), Event()
    made: list[str] = []

    def slowly() -> str:
        begun.set()
        go_on.wait(10)
        made.append("slowly")
        return "slow"

    threads = [Thread(target=kept.get, args=("slow", 0, slowly)) for _ in range(2)]
    for thread in threads:
        thread.start()
    begun.wait(10)
    assert kept.get("quick", 0, lambda: "quick") == "quick"
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert made == ["slowly"]


def test_what_cannot_be_made_is_tried_again() -> None:
    kept: Remembered[int] = Remembered()
    with pytest.raises(ZeroDivisionError):
        kept.get("a", 0, lambda: 1 // 0)
    assert kept.get("a", 0, lambda: 5) == 5
