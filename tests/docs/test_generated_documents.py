"""Every generated page is what its generator writes now, and says something of every field, command and form."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from tests.docs import finding_index, mini_languages, protocol_file_reference, trial_command_reference
from tests.docs.protocol_file_reference import MEANINGS, models, own_fields, sentence
from tests.docs.regenerate import GENERATED
from tests.spec import test_expression_reference as expression_reference

from trialwright.conduct.authority import MAY
from trialwright.conduct.commands import COMMANDS
from trialwright.protocol.expressions import parse
from trialwright.protocol.model.file import ProtocolFile


@pytest.mark.parametrize("page", GENERATED, ids=lambda page: page.name)
def test_a_generated_page_is_what_its_generator_writes(page: Path) -> None:
    assert page.read_text(encoding="utf-8") == GENERATED[page](), "run: make docs"


def test_the_stored_tables_are_of_this_grammar_and_this_lark() -> None:
    assert parse._FOLDER.joinpath("grammar.tables").read_bytes()[: parse._MARK_BYTES] == parse._mark(), "run: make docs"


def test_the_stored_tables_parse_as_the_grammar_does(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [row[0] for row in expression_reference.ROWS]
    stored = [parse.parse(text) for text in texts]
    monkeypatch.setattr(parse, "_parser", cache(parse._built))
    assert stored == [parse.parse(text) for text in texts]


def test_every_field_of_the_file_has_a_sentence() -> None:
    silent = [f"{model.__name__}.{name}" for model in models() for name, field in own_fields(model).items()
              if model is not ProtocolFile and not sentence(model, name, field)]  # fmt: skip
    assert not silent, "give the model a description, or tests/docs/field_meanings.py a sentence"


def test_no_sentence_is_kept_for_a_field_that_is_gone() -> None:
    fields = {f"{model.__name__}.{name}" for model in models() for name in own_fields(model)}
    assert set(MEANINGS) <= fields


def test_every_table_of_forms_shows_something_read_and_nothing_that_crashes() -> None:
    for title, (_, reader, forms) in mini_languages.FORMS.items():
        told = [mini_languages.meaning(reader, form) for form in forms]
        assert any(not one.startswith("*not read") for one in told), title
        assert all(one for one in told), title


def test_times_are_read_as_the_reference_says() -> None:
    assert mini_languages.times("week 2") == "study days 8 to 14"
    assert mini_languages.times("weeks 2, 4 after treatment stop") == "14 days after treatment stop; 28 days after treatment stop"
    assert mini_languages.window("-1 d .. +2 d") == "1 day early to 2 days late"
    assert mini_languages.action("may next level") == "one level up, permitted and not asked for"
    assert mini_languages.meaning(mini_languages.times, "day 0").startswith("*not read:* ")


def test_every_command_is_played_and_is_somebodys_to_give() -> None:
    assert trial_command_reference.followed_by().keys() == COMMANDS.keys() == MAY.keys()


def test_every_family_of_findings_in_use_has_a_heading() -> None:
    assert {code[3] for code, _, _ in finding_index.pages()} <= finding_index.FAMILIES.keys()


def test_every_section_of_the_file_is_introduced() -> None:
    assert protocol_file_reference.field_meanings.SECTIONS.keys() == own_fields(ProtocolFile).keys()
