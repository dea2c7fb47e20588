"""Eligibility criteria as the page shows them: under inclusion and exclusion where the text has just these, else whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trialwright.registry.eligibility_text import Heading, Side, split_eligibility
from trialwright.report.study_page.prose import Block, parse_prose

# A heading that says no more than the page's own heading over the part.
_BARE = re.compile(r"\W*(?:key |main |major )?(?:inclusion|exclusion)(?: criteri(?:a|on))?\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Criteria:
    """The criteria in parts; ``whole`` holds what stands before or without a heading."""

    whole: list[Block]
    inclusion: list[Block]
    exclusion: list[Block]


def parted_criteria(text: str) -> Criteria:
    """Part the criteria where the text says that inclusion and exclusion begin.

    Where either begins more than once (parts of a study, cohorts), or exclusion comes first, the text is kept whole
    with its own headings, so that no criterion lands under the wrong one. No word is left out but a bare heading.
    """
    begins = [one for one in split_eligibility(text).headings if one.side is not None]
    sides = [one.side for one in begins]
    if sides not in ([Side.INCLUSION], [Side.EXCLUSION], [Side.INCLUSION, Side.EXCLUSION]):
        return Criteria(parse_prose(text), [], [])
    ends = [one.start for one in begins[1:]] + [len(text)]
    parts = {one.side: _part(text, one, end) for one, end in zip(begins, ends, strict=True)}
    before = parse_prose(text[: begins[0].start])
    return Criteria(before, parts.get(Side.INCLUSION, []), parts.get(Side.EXCLUSION, []))


def _part(text: str, heading: Heading, end: int) -> list[Block]:
    bare = _BARE.fullmatch(heading.text) is not None
    return parse_prose(text[heading.end if bare else heading.start : end])
