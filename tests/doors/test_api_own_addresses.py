"""Our own addresses under ``/api``: suggestions, plain questions, expressions and the history of a record."""

import copy
from datetime import timedelta
from pathlib import Path

from tests.api_homes import ALIASED, NOWHERE, PROCESSED, fill, get, raws


def test_suggestions_begin_as_typed_and_say_how_many_studies() -> None:
    found = get("/api/suggest", {"q": "astH"}).json()
    assert found and all(one["text"].casefold().startswith("asth") and one["studies"] > 0 for one in found)
    assert len(get("/api/suggest", {"q": "a", "kind": "sponsor", "limit": "2"}).json()) == 2
    assert get("/api/suggest", {"q": " "}).json() == get("/api/suggest").json() == []
    assert get("/api/suggest", {"q": "a", "kind": "colour"}).status_code == 400


def test_a_plain_question_is_taken_apart_with_the_stretch_that_each_part_came_from() -> None:
    found = get("/api/understand", {"q": "imatinib near Bergamo"}).json()
    assert found["words"] == "imatinib"
    assert found["place"]["name"] == "Bergamo" and abs(found["place"]["lat"] - 45.7) < 0.1
    (taken,) = [one for one in found["taken"] if one["kind"] == "place"]
    assert found["question"][taken["start"] : taken["end"]] == taken["text"]
    assert get("/api/understand").status_code == get("/api/understand", {"q": "x" * 2_000}).status_code == 400


def test_an_expression_is_shown_in_its_normal_form_or_with_what_is_wrong() -> None:
    assert get("/api/expression", {"text": "a  NOT  b"}).json() == {"valid": True, "normal": "a AND NOT b"}
    wrong = get("/api/expression", {"text": "heart AND AREA[BriefTitel]x"}).json()
    assert not wrong["valid"] and wrong["error"]["message"] == "Unknown area name: 'BriefTitel'"
    assert wrong["error"]["position"] == len("heart AND ") and "BriefTitle" in wrong["error"]["suggestion"]
    assert get("/api/expression").status_code == 400


def test_a_records_history_says_what_changed_in_field_words(tmp_path: Path) -> None:
    home = fill(tmp_path, [raws()[ALIASED]])
    later = copy.deepcopy(raws()[ALIASED])
    status = later["protocolSection"]["statusModule"]
    status["overallStatus"] = "TERMINATED"
    status["lastUpdatePostDateStruct"]["date"] = "2026-08-20"
    fill(home, [later], PROCESSED + timedelta(days=7))
    newest, oldest = get(f"/api/studies/{ALIASED}/history", home=home).json()
    assert newest["lastUpdatePosted"] == "2026-08-20" and newest["seenAt"] > oldest["seenAt"]
    assert any(change.startswith("Overall status: ") for change in newest["changes"]) and oldest["changes"] == []
    assert get(f"/api/studies/{NOWHERE}/history", home=home).status_code == 404
