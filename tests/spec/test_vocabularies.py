"""What the vocabularies room says of names: other names, kinds kept apart, abbreviations."""

from __future__ import annotations

from itertools import pairwise
from time import process_time
from typing import Literal

import pytest

from trialwright.registry.vocabularies import expand, words_of
from trialwright.registry.vocabularies.thesaurus import thesaurus


def test_a_brand_name_leads_to_the_drug_and_its_other_names() -> None:
    (found,) = expand("Glivec", "intervention")
    assert found.preferred == "Imatinib"
    assert {"Imatinib", "Gleevec", "STI571"} <= set(found.variants)


def test_the_longest_name_wins_and_positions_are_of_words() -> None:
    (cancer,) = expand("recurrent non-small cell lung cancer in adults", "condition")
    assert (cancer.start, cancer.end) == (1, 6), "which patients is no part of the disease's name"
    assert "NSCLC" in cancer.variants


@pytest.mark.parametrize("name", ["imatinib", "aspirin", "Glivec"])
def test_a_drug_never_expands_a_condition(name: str) -> None:
    assert expand(name, "condition") == ()


def test_an_unknown_word_has_no_expansion() -> None:
    assert expand("qwertyuiop", "any") == ()
    assert expand("", "any") == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [("leukaemias", "leukemia"), ("Parkinson's disease", "parkinson disease"), ("Sjögren syndrome", "sjogren's syndrome")],
)
def test_spellings_of_one_name_mean_one_concept(one: str, other: str) -> None:
    assert [found.concept for found in expand(one, "condition")] == [found.concept for found in expand(other, "condition")] != []


@pytest.mark.parametrize("kind", ["condition", "intervention"])
def test_no_variant_holds_the_words_or_another_variant(kind: Literal["condition", "intervention"]) -> None:
    names = thesaurus(kind)
    for number in range(0, len(names.lines), 37):
        preferred = names.concept(number).preferred
        for found in expand(preferred, kind):
            own = " ".join(words_of(preferred)[found.start : found.end])
            texts = [f" {' '.join(words_of(variant))} " for variant in found.variants]
            assert not any(f" {own} " in text for text in texts), preferred
            assert not any(one in other for one in texts for other in texts if one is not other), preferred


@pytest.mark.parametrize("kind", ["condition", "intervention"])
def test_every_key_leads_to_a_concept_and_keys_are_in_order(kind: Literal["condition", "intervention"]) -> None:
    names = thesaurus(kind)
    assert list(names.keys) == sorted(names.keys)
    assert max(names.by_key.values()) == len(names.lines) - 1
    assert all(line.count("\t") >= 2 for line in names.lines)


def test_expansions_do_not_overlap_and_long_texts_stay_cheap() -> None:
    text = "imatinib for hypereosinophilic syndrome and chronic myeloid leukemia with heart attack " * 200
    began = process_time()
    found = expand(text, "any")
    assert process_time() - began < 2.0
    assert len(found) >= 600
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_a_possessive_s_is_left_out_and_a_lone_one_is_no_name() -> None:
    assert expand("protein", "intervention") == ()
    assert expand("alcohol", "intervention") == ()
