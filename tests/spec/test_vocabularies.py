"""What the vocabularies room says of names: other names, kinds kept apart, abbreviations."""

from __future__ import annotations

import pytest

from trialwright.registry.vocabularies import expand


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
