"""The sanity suite of the vocabularies: known names that must, and must not, lead to one another."""

from __future__ import annotations

import pytest

from trialwright.registry.vocabularies.sanity import Triple, holds, triples


@pytest.mark.parametrize(
    "triple", triples(), ids=lambda one: f"{one.kind}: {one.name} {'=' if one.leads else '≠'} {one.other or 'nothing'}"
)
def test_a_known_pair_of_names_is_as_it_must_be(triple: Triple) -> None:
    assert holds(triple), triple.why


def test_the_suite_has_sixty_triples_of_each_sign() -> None:
    assert len(triples()) >= 120
    assert sum(triple.leads for triple in triples()) >= 60
    assert sum(not triple.leads for triple in triples()) >= 45
