"""The study page in another language, at a glance, and with the record's lesser modules."""

import string
from dataclasses import replace

import pytest
from tests.study_pages import EXTRAS, RECORDS, record_at, seed, visible_text

from trialwright.registry.record import Record
from trialwright.report.study_page import Doors, Nearby, render_study_page, spoken, study_page_body, study_sites
from trialwright.report.study_page import words_en as english
from trialwright.report.study_page import words_it as italian
from trialwright.report.study_page.words import WORDS, label, number

ITALIAN = replace(EXTRAS, language="it", glance=True)
GLANCE = replace(EXTRAS, glance=True)


@pytest.mark.parametrize("name", ["WORDS", "SENTENCES", "HEADLINES", "PHASES"])
def test_each_language_has_every_word(name: str) -> None:
    assert set(getattr(italian, name)) == set(getattr(english, name))


def test_a_sentence_has_the_same_gaps_in_each_language() -> None:
    for key, sentence in english.SENTENCES.items():
        gaps = [{gap for _, gap, _, _ in string.Formatter().parse(one) if gap} for one in (sentence, italian.SENTENCES[key])]
        assert gaps[0] == gaps[1], key


def test_each_closed_term_with_english_words_has_italian_ones() -> None:
    for kind, terms in english.LABELS.items():
        assert set(terms) <= set(italian.LABELS[kind]), kind


def test_the_page_speaks_italian_and_leaves_the_record_s_words_as_they_are() -> None:
    html = render_study_page(Record(seed()), ITALIAN)
    text = visible_text(html)
    assert '<html lang="it">' in html
    assert "Questo studio è concluso." in text and "Contatti e sedi dello studio 4" in text
    assert "15+ anni" in text and "dicembre" in text
    assert "The study was performed to assess" in text
    assert "Trial contacts and locations" not in text


def test_a_language_is_spoken_only_within_its_block() -> None:
    with spoken("it"):
        assert (WORDS["sex"], label("status", "RECRUITING"), number(12345)) == ("Sesso", "In reclutamento", "12.345")
    assert (WORDS["sex"], label("status", "RECRUITING"), number(12345)) == ("Sex", "Recruiting", "12,345")
    with pytest.raises(KeyError), spoken("tlh"):
        pass


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
@pytest.mark.parametrize("language", ["en", "it"])
def test_every_record_has_a_page_at_a_glance_in_each_language(path, language: str) -> None:
    text = visible_text(study_page_body(record_at(path), replace(GLANCE, language=language)))
    assert ("At a glance" if language == "en" else "In breve") in text
    assert "None" not in text.split("On this page")[0].split("In questa pagina")[0]


def test_the_glance_says_what_the_fields_say() -> None:
    text = visible_text(study_page_body(Record(seed()), GLANCE))
    assert "People in this study receive what its plan sets: Imatinib." in text
    assert "Phase 2: whether it works" in text
    assert "All take part in one group. Everybody knows who gets what." in text.replace("\n", " ")
    assert "25 people took part." in text and "It has 4 sites in Italy." in text


def test_a_date_that_is_neither_actual_nor_estimated_is_not_said_to_have_come() -> None:
    raw = seed()
    raw["protocolSection"]["statusModule"]["startDateStruct"] = {"date": "2030-01"}
    assert "It began in" not in visible_text(study_page_body(Record(raw), GLANCE))


def test_the_lesser_modules_are_shown() -> None:
    raw = seed()
    raw["protocolSection"]["identificationModule"]["nctIdAliases"] = ["NCT00000007"]
    raw["protocolSection"]["designModule"] |= {"patientRegistry": True, "bioSpec": {"retention": "SAMPLES_WITH_DNA"}}
    raw["protocolSection"]["statusModule"]["expandedAccessInfo"] = {"hasExpandedAccess": True, "nctId": "NCT03559686"}
    raw["protocolSection"]["referencesModule"] = {
        "references": [{"pmid": "123", "citation": "A paper.", "retractions": [{"pmid": "124", "source": "J"}]}]
    }
    raw["documentSection"] = {"largeDocumentModule": {"largeDocs": [{"label": "Study Protocol", "filename": "Prot 0.pdf"}]}}
    raw["annotationSection"] = {
        "annotationModule": {
            "unpostedAnnotation": {"unpostedEvents": [{"type": "RELEASE", "date": "2022-02-21"}]},
            "violationAnnotation": {"violationEvents": [{"type": "VIOLATION_IDENTIFIED", "issuedDate": "2021-04-27"}]},
        }
    }
    raw["derivedSection"]["miscInfoModule"] = {"removedCountries": ["Poland"]}
    html = study_page_body(Record(raw), GLANCE)
    text = visible_text(html)
    for said in ("NCT00000007", "Patient registry", "Samples with dna", "NCT03559686", "retracted", "Poland", "21 February 2022"):
        assert said in text, said
    assert "Violation identified" in text and "27 April 2021" in text
    assert 'href="https://cdn.clinicaltrials.gov/large-docs/84/NCT00787384/Prot%200.pdf"' in html


def many_sites(count: int) -> Record:
    raw = seed()
    places = [("Bergamo", "Italy"), ("Vicenza", "Italy"), ("Paris", "France")]
    raw["protocolSection"]["contactsLocationsModule"]["locations"] = [
        {"facility": f"Hospital {at}", "city": places[at % 3][0], "country": places[at % 3][1]} for at in range(count)
    ]
    return Record(raw)


def test_a_long_list_of_sites_is_left_to_its_own_address_country_by_country() -> None:
    extras = replace(GLANCE, doors=Doors(sites="/study/X/sites/"))
    html = study_page_body(many_sites(90), extras)
    assert "Hospital 5<" not in html
    assert 'href="/study/X/sites/?country=Italy"' in html and "Show the 60 sites" in html
    part = visible_text(study_sites(many_sites(90), extras, "France"))
    assert "Hospital 2" in part and "Hospital 1 " not in part


def test_a_long_list_stays_on_a_page_that_has_no_other_address() -> None:
    assert "Hospital 89" in study_page_body(many_sites(90), GLANCE)


def test_sites_say_how_far_they_are_and_the_nearest_come_first() -> None:
    extras = replace(GLANCE, nearby=Nearby("Bergamo", 45.69798, 9.66895))
    text = visible_text(study_page_body(many_sites(15), extras))
    assert text.index("Nearest sites") < text.index("0 km from Bergamo") < text.index("All sites")
    assert "147 km from Bergamo" in text  # Vicenza: 45.54672 N, 11.5475 E in GeoNames; 147.0 by haversine
