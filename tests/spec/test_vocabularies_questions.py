"""Plain questions, notes, suggestions and spelling: what is taken, and that it can be undone."""

from __future__ import annotations

import pytest

from trialwright.registry.vocabularies import did_you_mean, read_note, suggest, understand


@pytest.mark.parametrize(
    ("question", "words", "place"),
    [
        ("imatinib near Bergamo", "imatinib", "Bergamo"),
        ("leucemia vicino a Bergamo", "leucemia", "Bergamo"),
        ("crohn's disease close to san francisco", "crohn's disease", "San Francisco"),
        ("What trials are there for hypereosinophilic syndrome near Bergamo?", "hypereosinophilic syndrome", "Bergamo"),
        ("lung cancer near Paris Texas", "lung cancer", "Paris"),
    ],
)
def test_a_place_is_taken_out_of_the_words(question: str, words: str, place: str) -> None:
    found = understand(question)
    assert found.place is not None
    assert (found.words, found.place.name) == (words, place)


@pytest.mark.parametrize(
    "question", ["pain in remission", "heart failure in reading", "children's health", "open label extension", "NILG-HES1-03"]
)
def test_words_that_only_look_like_more_stay_words(question: str) -> None:
    found = understand(question)
    assert (found.words, found.taken) == (question, ())


def test_a_question_with_status_country_and_age_group_leaves_the_disease() -> None:
    found = understand("recruiting leukemia trials in Italy for children")
    assert found.words == "leukemia"
    assert found.statuses == ("RECRUITING",)
    assert [country.name for country in found.countries] == ["Italy"]
    assert found.age_groups == ("CHILD",)
    assert [(one.kind, one.text) for one in found.taken] == [
        ("status", "recruiting"),
        ("filler", "trials"),
        ("country", "in Italy"),
        ("age_group", "for children"),
    ]


def test_an_italian_question_is_taken_apart_as_well() -> None:
    found = understand("studi in reclutamento per bambini in Italia con leucemia")
    assert (found.words, found.statuses, found.age_groups) == ("leucemia", ("RECRUITING",), ("CHILD",))
    assert understand("linfoma per un uomo di 70 anni a Roma").age_years == 70


@pytest.mark.parametrize(
    ("question", "radius_km"),
    [
        ("breast cancer within 50 km of Milan", 50.0),
        ("psoriasi entro 30 km da Torino", 30.0),
        ("asthma within 10 miles of Boston", 16.09344),
    ],
)
def test_a_radius_is_read_in_kilometres_and_miles(question: str, radius_km: float) -> None:
    assert understand(question).radius_km == pytest.approx(radius_km)


def test_phases_ages_and_sex_are_values_of_the_registry() -> None:
    assert understand("phase II/III small cell lung cancer").phases == ("PHASE2", "PHASE3")
    found = understand("asthma for a 15 year old girl")
    assert (found.words, found.age_years, found.sex) == ("asthma", 15.0, "FEMALE")
    assert understand("HIV in men and women").sex is None
    assert understand("active, not recruiting CML").statuses == ("ACTIVE_NOT_RECRUITING",)


@pytest.mark.parametrize("number", ["NCT00787384", "2007-001234-12"])
def test_a_trials_number_is_known_for_one(number: str) -> None:
    assert understand(number).numbers == (number,)


def test_what_was_taken_can_be_undone_stretch_by_stretch() -> None:
    question = "recruiting imatinib near Bergamo"
    undone = understand(question, ("near Bergamo",))
    assert undone.place is None
    assert undone.words == "imatinib near Bergamo"
    assert undone.statuses == ("RECRUITING",)


def test_each_stretch_stands_where_it_says() -> None:
    question = "Recruiting melanoma trials in Paris, France for women aged 45"
    for one in understand(question).taken:
        assert question[one.start : one.end] == one.text


def test_a_note_gives_age_sex_and_what_it_does_not_deny() -> None:
    note = read_note("A 45-year-old man with anaplastic astrocytoma. He denies diabetes, but has hypertension. No fever.")
    assert (note.age_years, note.sex) == (45.0, "MALE")
    assert [one.expansion.preferred for one in note.mentions] == ["Anaplastic astrocytoma", "Hypertension"]
    assert "fever" not in dict(note.words)


@pytest.mark.parametrize(
    ("text", "years"), [("48 M with HTN", 48), ("an 18-month-old girl", 1.5), ("3 week old boy", 21 / 365.25), ("72 yo f", 72)]
)
def test_a_notes_age_is_read_in_years_months_and_weeks(text: str, years: float) -> None:
    assert read_note(text).age_years == pytest.approx(years)


def test_suggestions_begin_with_what_is_typed_and_name_what_is_meant() -> None:
    (only,) = suggest("gliv", 1)
    assert (only.text, only.preferred, only.kind) == ("Glivec", "Imatinib", "intervention")
    assert suggest("hypereo", 1)[0].preferred == "Hypereosinophilic syndrome"
    assert any(one.preferred == "Type 2 diabetes mellitus" for one in suggest("diabetes mellitus ty", 8))
    assert suggest("x") == ()


def test_a_misspelt_word_is_replaced_by_the_nearest_that_is_somewhere() -> None:
    somewhere = {"imatinib": 9, "hypereosinophilic": 3, "syndrome": 50}
    assert did_you_mean("imatinb", lambda word: somewhere.get(word, 0)) == "imatinib"
    assert did_you_mean("hypereosinofilic sindrome", lambda word: somewhere.get(word, 0)) == "hypereosinophilic syndrome"
    assert did_you_mean("imatinib", lambda word: somewhere.get(word, 0)) is None
    assert did_you_mean("qqqqqqqq", lambda word: somewhere.get(word, 0)) is None


@pytest.mark.parametrize(
    "text", ["", " ", "?", "in", "near", "x" * 5000, "\x00\x01", "near " * 150, "within 9999 km of", "((((", "年齢 15"]
)
def test_any_text_is_understood_somehow(text: str) -> None:
    found = understand(text)
    assert found.question == text
    assert all(text[one.start : one.end] == one.text for one in found.taken)
    read_note(text)
    suggest(text)
