"""The quick way to and from JSON says the same as the standard library's, or leaves it to that."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.registry.json_text import parse_fast, parse_text, text_of

numbers = st.one_of(st.integers(), st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False))
texts = st.text(st.characters(exclude_categories=("Cs",)))
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=20,
)


@given(values)
def test_a_text_is_read_as_the_standard_library_reads_it(value: Any) -> None:
    for spelled in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert repr(parse_text(spelled.encode())) == repr(json.loads(spelled))


@given(values)
def test_what_is_written_is_read_back(value: Any) -> None:
    assert json.loads(text_of(value)) == value


@pytest.mark.parametrize("text", [b"NaN", b"[1e400]", b'"\\ud800"', b"[12345678901234567890123]", b"{", b"\xff", b""])
def test_what_it_cannot_say_without_loss_it_leaves_to_the_slow_way(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_fast(text)
