"""Arms and interventions of a record: texts that should be the same, missing links, and doses that only go up."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from trialwright.registry.eligibility_text import plain
from trialwright.review.record.subject import ARMS, Margin, Subject, quoted
from trialwright.vocabulary.findings import Finding

_NEARLY_THE_SAME = 0.9  # share of words in common above which two texts are one text, copied
_FEW_WORDS = 3
_ALIKE = 0.55  # of two words' letters: "was" and "wsa", "dose" and "dosis"
_SHORTEST = 12  # words; shorter texts are alike by chance
_RAISED = re.compile(
    r"\b(?:increase[sd]?|increasing|escalate[sd]?|raised)\b[^.\n]{0,25}\b(?:by|to|until)\b[^.\n]{0,20}\d", re.IGNORECASE
)
_LOWERED = re.compile(
    r"\b(?:toxic\w*|tolera\w*|adverse|reduc\w+|decreas\w+|taper\w*|interrupt\w*|withheld|hold|side effects?|titrat\w+|"
    r"DLT|dose[\s-]limiting|MTD|safety|progress\w+|down-?titrat\w*|lower\w*)\b",
    re.IGNORECASE,
)
_COHORT_ESCALATION = re.compile(
    r"\bcohorts?\b|\bsuccessive\b|\bgroups? of\b|\bescalating doses\b|\bdose levels?\b", re.IGNORECASE
)
_TRIGGER = re.compile(
    r"\b(?:unsatisfactory|inadequate|insufficient|suboptimal|sub-optimal|poor|partial|incomplete)\s+(?:clinical\s+)?(?:respons\w+|effect|control)\b",
    re.IGNORECASE,
)
_DIE = re.compile(r"\b(?:mg|mcg|g|µg|ml|IU|UI)\s*/\s*die\b", re.IGNORECASE)
_DAY = re.compile(r"\b(?:mg|mcg|g|µg|ml|IU)\s*/\s*d(?:ay)?\b", re.IGNORECASE)


def check_arms(subject: Subject) -> Iterator[Finding]:
    """Copies that differ by a word, arms and interventions that do not meet, one-way dosing, and foreign spellings of a day."""
    yield from _copies(subject)
    if subject.is_interventional:
        yield from _links(subject)
        yield from _one_way(subject)
    yield from _spellings(subject)


def _copies(subject: Subject) -> Iterator[Finding]:
    arms = [(arm.label or "", plain(arm.description).split()) for arm in subject.arms if arm.description]
    for index, intervention in enumerate(subject.interventions):
        words = plain(intervention.description or "").split()
        for label, arm_words in arms:
            differences = _few_differences(arm_words, words)
            if differences:
                yield Margin(subject).note(
                    "TW-R050",
                    f"{ARMS}.interventions[{index}].description",
                    f"Two copies of one text differ: {differences}",
                    f"The description of the arm {quoted(label, 60)} and that of the intervention "
                    f"{quoted(intervention.name or '', 60)} are otherwise the same.",
                    ("correct the one that is wrong",),
                )
                return


def _few_differences(one: list[str], other: list[str]) -> str:
    """The words in which two nearly equal texts differ, in words; empty where they are equal or too unlike."""
    if min(len(one), len(other)) < _SHORTEST or one == other or abs(len(one) - len(other)) > _FEW_WORDS:
        return ""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if matcher.quick_ratio() < _NEARLY_THE_SAME or matcher.ratio() < _NEARLY_THE_SAME:
        return ""
    changed = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    pairs = [(" ".join(one[a:b]), " ".join(other[c:d])) for _, a, b, c, d in changed]
    if len(pairs) > _FEW_WORDS or not all(_is_slip(first, second) for first, second in pairs):
        return ""
    return ", ".join(
        f"{quoted(first or 'nothing', 40)} in the arm, {quoted(second or 'nothing', 40)} there" for first, second in pairs
    )


def _is_slip(first: str, second: str) -> bool:
    """Whether two words look like one word written twice, and not like layout, numbers or another thing."""
    one, other = (re.sub(r"\W", "", text).casefold() for text in (first, second))
    if not one or not other or one == other or any(character.isdigit() for character in one + other):
        return False
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= _ALIKE


def _links(subject: Subject) -> Iterator[Finding]:
    labels = {arm.label for arm in subject.arms}
    if not labels or not subject.interventions:
        return
    unknown = sorted({label for one in subject.interventions for label in one.arm_labels} - labels, key=str)
    if unknown:
        yield Margin(subject).warning(
            "TW-R051",
            f"{ARMS}.interventions",
            "An intervention names an arm that the record does not list",
            f"{', '.join(quoted(str(label), 60) for label in unknown[:3])}.",
            ("give the arm and its mention the same name",),
        )
    used = {label for one in subject.interventions for label in one.arm_labels}
    idle = [arm for arm in subject.arms if arm.label not in used and arm.kind not in ("NO_INTERVENTION", None)]
    if idle and used:
        yield Margin(subject).note(
            "TW-R052",
            f"{ARMS}.armGroups",
            "An arm has no intervention",
            f"{', '.join(quoted(arm.label or '', 60) for arm in idle[:3])}: typed as treated, named by no intervention.",
            ("link its intervention", "type it as no intervention"),
        )


def _one_way(subject: Subject) -> Iterator[Finding]:
    text = subject.treatment_text
    raised = _RAISED.search(text)
    if not raised or _COHORT_ESCALATION.search(text):
        return
    if not _LOWERED.search(text):
        yield Margin(subject).note(
            "TW-R053",
            f"{ARMS}.armGroups",
            "The dose is raised, and nothing says when it is held, lowered or stopped for toxicity",
            f"{quoted(_sentence(text, raised.start()), 160)}",
            ("state the rule for toxicity", "refer to the protocol for it"),
        )
    trigger = _TRIGGER.search(text)
    if trigger and not re.search(rf"{re.escape(trigger[0])}[^.\n]{{0,20}}\bdefined", text, re.IGNORECASE):
        yield Margin(subject).note(
            "TW-R054",
            f"{ARMS}.armGroups",
            f"What counts as {quoted(trigger[0])}, which decides the dose, is not said",
            f"{quoted(_sentence(text, trigger.start()), 160)}",
            ("give the measurement and the threshold", "say who judges, and when"),
        )


def _spellings(subject: Subject) -> Iterator[Finding]:
    found = _DIE.search(subject.treatment_text)
    if found:
        both = _DAY.search(subject.treatment_text)
        detail = f"The same text also writes {quoted(both[0])}." if both else "English writes “/day”."
        yield Margin(subject).note(
            "TW-R055", f"{ARMS}.interventions", f"{quoted(found[0])} is not English for a dose per day", detail, ("write /day",)
        )


def _sentence(text: str, at: int) -> str:
    start = max(text.rfind(". ", 0, at), text.rfind("; ", 0, at), text.rfind("\n", 0, at)) + 1
    end = text.find(". ", at)
    return text[start : end + 1 if end >= 0 else len(text)].strip()
