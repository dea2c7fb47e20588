"""The words of the criteria: consent of minors, joined diagnoses, prior therapy, double negation, repetition, adequacy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from trialwright.registry.eligibility_text import Criterion, Side
from trialwright.review.record.numbers import field_age, registered_ages
from trialwright.review.record.subject import CRITERIA, Margin, Subject, quoted
from trialwright.vocabulary.findings import Finding

_MAJORITY = Fraction(18)  # years; the usual age of consent to research, lower in some countries
_ABLE_TO_ASSENT = Fraction(7)  # years; the age from which it is usually asked for (National Commission, 1977)
_PROXY = re.compile(
    r"\b(?:parents?|parental|guardians?|tutors?|legal(?:ly)? (?:authori[sz]ed )?representatives?)\b", re.IGNORECASE
)
_CONSENT = re.compile(r"\bconsent\w*\b", re.IGNORECASE)
_ASSENT = re.compile(r"\bassent\w*\b", re.IGNORECASE)
_MINOR = re.compile(
    r"\b(?:minors?|child(?:ren)?|adolescents?|under|younger|below|<|less than|\d+ ?(?:years|yrs))\b|<", re.IGNORECASE
)
_DIAGNOSED = re.compile(
    r"\b(?:diagnos[ie]s|diagnosed|suffering|patients?|subjects?)\s+(?:\w+\s+){0,3}?(?:of|with|from|having)\s+"
    r"(?:a\s+|the\s+)?(?:confirmed\s+|diagnosis\s+of\s+|documented\s+|histologically\s+)*(?P<list>[^.;:()]{3,120})",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"^(?P<items>[^,]{2,40}(?:,\s*[^,]{2,40}){0,5}?),?\s+and\s+(?P<last>[^,]{2,40}?)\s*(?:,|$|\s+(?:who|that|which|are|with|will)\b)"
)
_ABBREVIATION = re.compile(r"[A-Z][A-Z0-9-]{1,6}")
_TREATED = re.compile(
    r"\b(?:previously untreated|untreated|no prior (?:therapy|treatment)|treatment[\s-]na[iï]ve)\b[^.;]{0,40}\bor\b[^.;]{0,40}"
    r"\b(?:treated|received|pretreated)\b[^.;]{0,20}\b(?:with|by)\b\s+(?P<what>[^.;]+)",
    re.IGNORECASE,
)
_NEGATION = re.compile(r"^no\b(?P<rest>.*)", re.IGNORECASE)
_REASSURES = re.compile(
    r"^no[\s-]+(?:limit\w*|further|additional|other|more|less|longer|data|exclusion|criteria|known|confirmed|histolog\w+|"
    r"evidence|documented|measurable|consent|written|informed|access|insurance|possib\w+|response|improvement|contraception|"
    r"willing\w*|ability|capacity|indication|need|recovery|prior (?:treatment|therapy|failure|exposure|response))\b",
    re.IGNORECASE,
)
_BAD = re.compile(
    r"\b(?:prior|previous|history|concurrent|pregnan\w+|nursing|infection\w*|disease|metasta\w+|malignan\w+|cancer|disorder\w*|"
    r"impairment|allerg\w*|hypersensitiv\w+|contraindicat\w+|illness\w*|surgery|chemotherapy|radiotherapy|radiation)\b",
    re.IGNORECASE,
)
_ADEQUATE = re.compile(
    r"\b(?:adequate|sufficient|acceptable|normal|satisfactory)\s+(?:(?:\w+|,|and|or|/)\s*){0,5}?(?P<what>function|reserve|counts?)\b",
    re.IGNORECASE,
)
_HEALTHY = re.compile(
    r"(?:normal,? )?healthy(?:,| and)?\s+(?:normal |adult |young |male |female |non-smoking |elderly |human )*"
    r"(?:volunteers?|subjects?|adults?|males?|females?|men|women|individuals?|people|participants?|controls?)\b"
    r"(?! (?:donor|sibling))",
    re.IGNORECASE,
)
_MEASURED = re.compile(r"\d|defin|ULN|limit|as (?:follows|determined|per|judged)|≤|≥|<|>")
_WORD_OR_NUMBER = re.compile(r"[^\w<>≤≥=%.]+")
_ALLOWED = re.compile(r"(?:allowed|excluded|required|included|recommended)\b", re.IGNORECASE)
_NO_CRITERION = re.compile(r"\bcriteria\b|\bcontrols\b|\bperiod\b|^for ")
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[a-z]{3,}")
_EMPTY_WORDS = frozenset(
    word
    for line in (
        "the and for with who have has had are was were been any all not patient patients subject subjects",
        "participant participants that this from than unable inability refusal refuse lack absence without failure",
        "non being able give provide",
    )
    for word in line.split()
)
_TURNED = re.compile(r"^(?:no|not|non|lack of|absence of|without|inability|unable|refus\w+|failure)\b", re.IGNORECASE)
_FEWEST_ITEMS = 2
_FEW_WORDS = 3


def check_wording(subject: Subject) -> Iterator[Finding]:
    """What a reviewer marks in the words of the criteria, number by number left to ``numbers``."""
    yield from _consent(subject)
    for criterion in subject.eligibility.inclusion:
        yield from _joined_diagnoses(subject, criterion)
        yield from _prior_therapy(subject, criterion)
    yield from _healthy(subject)
    yield from _adequate(subject)
    yield from _double_negation(subject)
    yield from _repetition(subject)
    yield from _structure(subject)


def _consent(subject: Subject) -> Iterator[Finding]:
    low = field_age(subject.record.minimum_age)
    high = field_age(subject.record.maximum_age)
    if (low is not None and low >= _MAJORITY) or (high is not None and high < _ABLE_TO_ASSENT):
        return
    if _ASSENT.search(subject.whole_text):
        return
    for criterion in subject.criteria:
        text = criterion.text
        if _CONSENT.search(text) and _PROXY.search(text) and _MINOR.search(text):
            yield Margin(subject).warning(
                "TW-R010",
                criterion,
                "Parents consent for minors, and nothing is said of the minor's own assent",
                f"{subject.name_of(criterion).capitalize()} lets others sign ({quoted(text)}); the record admits "
                f"{registered_ages(subject)}. It does not say whether the minor must agree, nor who must sign again at 18.",
                ("state from which age assent is asked for", "state what happens when a minor comes of age"),
            )
            return


def _joined_diagnoses(subject: Subject, criterion: Criterion) -> Iterator[Finding]:
    found = _DIAGNOSED.search(criterion.text)
    listed = _LIST.match(found["list"].strip()) if found else None
    if not listed or re.search(r"\bor\b|\band/or\b|\bboth\b", listed[0], re.IGNORECASE):
        return
    items = [part.strip() for part in (*listed["items"].split(","), listed["last"])]
    conditions = subject.record.conditions
    matched = {index: _conditions_meant(subject, item, conditions) for index, item in enumerate(items)}
    distinct = {frozenset(meant) for meant in matched.values() if meant}
    if len(distinct) == len(items) and len(items) > _FEWEST_ITEMS:
        yield Margin(subject).warning(
            "TW-R011",
            criterion,
            f"“{', '.join(items[:-1])} and {items[-1]}”: must a participant have all of them?",
            f"{subject.name_of(criterion).capitalize()} joins {len(items)} of the record's conditions by “and”; read literally, "
            "only somebody with every one of them is eligible.",
            (f"{', '.join(items[:-1])} or {items[-1]}",),
        )


def _conditions_meant(subject: Subject, item: str, conditions: tuple[str, ...]) -> set[int]:
    """Which of the record's conditions an item of a list means: by its abbreviation or by its words."""
    if _ABBREVIATION.fullmatch(item):
        spelled = re.search(rf"([^.;\n(]{{3,80}})\(\s*{re.escape(item)}\s*\)", subject.whole_text)
        words = _content(spelled[1]) if spelled else set()
    else:
        words = _content(item)
    best = max((len(words & _content(condition)) for condition in conditions), default=0)
    if not best:
        return set()
    return {index for index, condition in enumerate(conditions) if len(words & _content(condition)) == best}


def _prior_therapy(subject: Subject, criterion: Criterion) -> Iterator[Finding]:
    found = _TREATED.search(criterion.text)
    if (
        found
        and len(found["what"].split()) > 1
        and not re.search(r"\b(?:any|other|only|no more|at least|one|two|up to)\b", found["what"], re.IGNORECASE)
    ):
        joined = (
            " The drugs are joined by “and”: read literally, all of them must have been given." if " and " in found[0] else ""
        )
        yield Margin(subject).note(
            "TW-R013",
            criterion,
            "The criterion names prior treatments, and does not say whether another one excludes",
            f"{subject.name_of(criterion).capitalize()} admits the untreated and those treated with "
            f"{quoted(found['what'])}.{joined}",
            ("say that other prior treatment is allowed, or that it excludes", "state a washout"),
        )


def _healthy(subject: Subject) -> Iterator[Finding]:
    if subject.record.healthy_volunteers is not False:
        return
    for criterion in subject.eligibility.inclusion:
        found = _HEALTHY.match(criterion.text)
        if found and not criterion.level and not criterion.heading:
            yield Margin(subject).warning(
                "TW-R019",
                criterion,
                "The criteria seek healthy people, and the field says that none are accepted",
                f"{subject.name_of(criterion).capitalize()}: {quoted(criterion.text)}.",
                ("set the field to accept healthy volunteers", "say whom the criterion means"),
            )
            return


def _adequate(subject: Subject) -> Iterator[Finding]:
    for criterion in subject.eligibility.inclusion:
        found = _ADEQUATE.search(criterion.text)
        later = [one for one in subject.criteria if one.start > criterion.start][:1]
        opens = criterion.text.rstrip().endswith((":", ",")) or any(one.level > criterion.level for one in later)
        if (
            found
            and not opens
            and not re.search(r"\d|defin|ULN|limit|as (?:follows|determined|per|judged)|≤|≥|<|>", criterion.text)
        ):
            yield Margin(subject).note(
                "TW-R016",
                criterion,
                f"{quoted(found[0])} is not defined",
                f"{subject.name_of(criterion).capitalize()} gives no measurement and no limit.",
                ("state the measurements and their limits",),
            )
            return


def _double_negation(subject: Subject) -> Iterator[Finding]:
    for criterion in subject.eligibility.exclusion:
        text = criterion.text.lstrip("- ")
        found = _NEGATION.match(text)
        if (
            found
            and not _REASSURES.match(text)
            and _BAD.search(found["rest"][:60])
            and criterion.level == 0
            and not criterion.heading
        ):
            yield Margin(subject).warning(
                "TW-R014",
                criterion,
                "An exclusion is worded as a demand, so that it bars those whom it means to admit",
                f"{subject.name_of(criterion).capitalize()} reads {quoted(text)}: as an exclusion it bars everybody without it.",
                ("drop the negation", "move the criterion to the inclusion criteria"),
            )
            return


def _repetition(subject: Subject) -> Iterator[Finding]:
    if not subject.has_one_population:
        return
    lists_drugs = any(_ALLOWED.match(heading.text) for heading in subject.eligibility.headings)
    seen: dict[tuple[Side, str], Criterion] = {}
    crossed = False
    for criterion in subject.criteria:
        key = _WORD_OR_NUMBER.sub(" ", criterion.text.lower()).strip(" .")
        if len(key.split()) <= _FEW_WORDS or criterion.level or criterion.heading or criterion.side is Side.UNPLACED:
            continue
        other = Side.EXCLUSION if criterion.side is Side.INCLUSION else Side.INCLUSION
        if (criterion.side, key) in seen:
            yield _repeated(subject, seen[criterion.side, key], criterion)
        elif (other, key) in seen and not crossed and not lists_drugs and not _NO_CRITERION.search(key):
            crossed = True
            yield _on_both_sides(subject, seen[other, key], criterion)
        seen.setdefault((criterion.side, key), criterion)
    yield from _turned_round(subject)


def _repeated(subject: Subject, first: Criterion, again: Criterion) -> Finding:
    return Margin(subject).note(
        "TW-R015",
        again,
        f"{subject.name_of(again).capitalize()} repeats {subject.name_of(first)}",
        f"Both read {quoted(again.text)}.",
        ("keep one",),
    )


def _on_both_sides(subject: Subject, first: Criterion, again: Criterion) -> Finding:
    return Margin(subject).warning(
        "TW-R017",
        again,
        "One criterion stands among the inclusions and among the exclusions",
        f"{subject.name_of(first).capitalize()} and {subject.name_of(again)} both read {quoted(again.text)}: nobody passes.",
        ("keep the one that is meant",),
    )


def _turned_round(subject: Subject) -> Iterator[Finding]:
    """An exclusion that says "no" and then the words of an inclusion."""
    wanted = [(one, _content(one.text)) for one in subject.eligibility.inclusion if not _DIGIT.search(one.text)]
    for criterion in subject.eligibility.exclusion:
        if not _TURNED.match(criterion.text):
            continue
        words = _content(_TURNED.sub("", criterion.text))
        same = next((one for one, other in wanted if words and words == other), None)
        if same is not None:
            yield Margin(subject).note(
                "TW-R006",
                criterion,
                f"{subject.name_of(criterion).capitalize()} only repeats an inclusion the other way round",
                f"{subject.name_of(same).capitalize()} already asks for {quoted(same.text)}.",
                ("keep one of the two, so that they cannot drift apart",),
            )


def _structure(subject: Subject) -> Iterator[Finding]:
    split, margin = subject.eligibility, Margin(subject)
    text = subject.record.eligibility_text or ""
    if not text:
        yield margin.warning("TW-R018", CRITERIA, "The record states no eligibility criteria", "", ("state them",))
    elif subject.is_interventional and split.unplaced and not split.inclusion and not split.exclusion:
        yield margin.note(
            "TW-R018",
            CRITERIA,
            "The criteria are not divided into inclusion and exclusion",
            "A reader must guess which of them bar a participant.",
            ("put a heading before each list",),
        )


def _content(text: str) -> set[str]:
    """The words of a text that carry meaning, with British and American spellings brought together."""
    words = _WORD.findall(text.lower().replace("aemi", "emi").replace("oed", "ed"))
    return {word.removesuffix("s") for word in words if word not in _EMPTY_WORDS}
