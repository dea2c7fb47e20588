"""The order of entries in a log: which are missing, doubled, or stand where they should not."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator

from trialwright.log import complaints
from trialwright.vocabulary.findings import Finding, Place


class Order:
    """Collects sequence numbers line by line in a few bytes each; the analysis waits for the end and for a reason."""

    def __init__(self) -> None:
        self.expected = 0
        self._disturbed = False
        self._sequences = array("q")
        self._lines = array("q")
        self._marks = array("Q")  # the first 8 bytes of each digest, to tell a copy from a rival; 0 unknown

    def add(self, line: int, sequence: int, digest: str) -> bool:
        """Take the next entry; true where its number is the one that should follow."""
        follows = sequence == self.expected
        self._disturbed = self._disturbed or not follows
        self._append(line, sequence, int(digest[:16], 16))
        return follows

    def assume(self, line: int) -> None:
        """Take a line that cannot be believed for the entry that should stand there."""
        self._append(line, self.expected, 0)

    def _append(self, line: int, sequence: int, mark: int) -> None:
        self._sequences.append(sequence)
        self._lines.append(line)
        self._marks.append(mark)
        self.expected = sequence + 1

    def findings(self, name: str) -> Iterator[Finding]:
        """What is wrong with the order, as few findings as explain it; nothing for an undisturbed log."""
        if not self._disturbed:
            return
        first: dict[int, int] = {}
        for index, sequence in enumerate(self._sequences):
            if sequence in first:
                yield self._doubled(name, first[sequence], index)
            else:
                first[sequence] = index
        yield from self._missing(name, first)
        yield from self._displaced(name, first)

    def _doubled(self, name: str, before: int, index: int) -> Finding:
        sequence, line = self._sequences[index], self._lines[index]
        copy = self._marks[before] == self._marks[index]
        return complaints.complaint(
            complaints.DUPLICATED,
            Place(name, line, 1),
            f"Entry {sequence} stands twice" if copy else f"Two different entries are numbered {sequence}",
            f"It {'stands' if copy else 'is rivalled by the entry that stands'} on line {self._lines[before]} already.",
        )

    def _missing(self, name: str, first: dict[int, int]) -> Iterator[Finding]:
        last = -1
        for sequence in sorted(first):
            if sequence > last + 1:
                gap = f"Entry {last + 1}" if sequence == last + 2 else f"Entries {last + 1} to {sequence - 1}"
                yield complaints.complaint(
                    complaints.MISSING,
                    Place(name, self._lines[first[sequence]], 1),
                    f"{gap} missing",
                    f"Entry {sequence} follows entry {last} here." if last >= 0 else f"The log begins at {sequence}.",
                )
            last = sequence

    def _displaced(self, name: str, first: dict[int, int]) -> Iterator[Finding]:
        """The fewest entries that, taken out, leave the others in order."""
        ordered = list(first)
        kept = set(_longest_rise(ordered))
        for position, sequence in enumerate(ordered):
            if sequence not in kept:
                above = f"after entry {ordered[position - 1]}" if position else "first"
                yield complaints.complaint(
                    complaints.OUT_OF_ORDER,
                    Place(name, self._lines[first[sequence]], 1),
                    f"Entry {sequence} stands out of order",
                    f"It stands {above}.",
                )


def _longest_rise(numbers: list[int]) -> list[int]:
    """One longest increasing subsequence of distinct numbers (patience sorting)."""
    tops: list[int] = []
    piles: list[int] = []
    for number in numbers:
        pile = bisect_left(tops, number)
        tops[pile : pile + 1] = [number]
        piles.append(pile)
    rise: list[int] = []
    wanted = len(tops) - 1
    for number, pile in zip(reversed(numbers), reversed(piles), strict=True):
        if pile == wanted and (not rise or number < rise[-1]):
            rise.append(number)
            wanted -= 1
    return rise[::-1]
