"""``trialwright simulate`` of a protocol of two arms, at the door: what it prints, keeps, compares and refuses."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.simulated_arms import FOLDER, RANDOMIZED, STEADY, protocol_text

from trialwright.cli.main import cli
from trialwright.report.document import KeyValueTable
from trialwright.report.operating.kept import kept_section

pytestmark = pytest.mark.slow  # trials are played
DIFFERENCE = "difference.complete_response.titrated.steady"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("two-arms")
    (folder / "protocol.yaml").write_text(protocol_text(), encoding="utf-8")
    text = (FOLDER / "operating.yaml").read_text(encoding="utf-8") + STEADY
    (folder / "operating.yaml").write_text(text, encoding="utf-8")
    return folder


def simulate(study: Path, *words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["simulate", str(study / "protocol.yaml"), "-n", "100", *words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


def told(study: Path, *words: str) -> dict:  # type: ignore[type-arg]
    code, text, said = simulate(study, *words, "--format", "json")
    assert code == 0, said
    return json.loads(text)  # type: ignore[no-any-return]


def test_the_text_has_a_column_for_each_arm_and_what_is_between_them(study: Path) -> None:
    code, text, said = simulate(study)
    assert code == 0
    assert text.startswith("SIMULATED · oracle-titration")
    assert "Arms: titrated 17 (Titrated), steady 8 (Steady). 25 participants by the ratio 2:1; what is left over" in text
    heads = next(line for line in text.splitlines() if "titrated (17)" in line)
    responds = next(line for line in text.splitlines() if "A participant responds" in line)
    assert "steady (8)" in heads
    assert len(re.findall(r"±", responds)) == 2
    assert "Titrated is found above Steady (Fisher's exact test, two-sided p below 0.05)" in text
    assert "none is a result of the trial" in text
    assert said.index("Arm titrated") < said.index("Arm steady")


def test_json_holds_each_arm_as_a_trial_of_one_arm_is_told(study: Path) -> None:
    found = told(study)
    assert found["simulated"] is True and found["provenance"]["participants"] == 25
    assert found["allocation"]["sizes"] == {"titrated": 17, "steady": 8}
    assert list(found["arms"]) == ["titrated", "steady"]
    steady = found["arms"]["steady"]
    assert steady["label"] == "Steady" and steady["provenance"]["arm"] == "steady"
    rates = [one["probabilities"]["response"]["value"] for one in found["arms"].values()]
    assert found["comparison"]["probabilities"][DIFFERENCE]["value"] == pytest.approx(rates[0] - rates[1])


def test_threads_and_the_seed_do_as_in_one_arm(study: Path) -> None:
    once = told(study)
    assert told(study, "--threads", "2") == once
    other = told(study, "--seed", "2")
    assert all(one["distributions"] != other["arms"][arm]["distributions"] for arm, one in once["arms"].items())


def test_a_number_of_one_arm_is_varied_and_scenarios_are_compared_by_what_is_between(study: Path) -> None:
    found = told(study, "--vary", "arms.steady.leaves.none=0:0.04:0.04")
    assert [one["varied"] for one in found["scenarios"]] == [{"arms.steady.leaves.none": each} for each in ("0", "0.04")]
    second = found["scenarios"][1]
    assert second["differences"]["titrated.response"]["value"] == 0
    assert second["differences"]["steady.ended.dropout"]["value"] > 0.2
    code, text, _ = simulate(study, "--vary", "arms.steady.leaves.none=0:0.04:0.04")
    assert code == 0 and "(Δ)" in text and "arms.steady.leaves.none = 0.04" in text


def test_a_tornado_turns_numbers_of_an_arm_too(study: Path) -> None:
    own = "arms.steady.response.A.400"
    words = ("--tornado", "--by", "0", "--between", f"{own}=0:0.1", "--between", "leaves.none=0:0.04")
    found = told(study, *words, "--outcome", DIFFERENCE)
    assert found["measure"] == DIFFERENCE
    swings = {one["path"]: one for one in found["swings"]}
    assert set(swings) == {own, "leaves.none"}
    assert swings[own]["high"]["value"] < 0
    default = told(study, *words)
    assert default["measure"].startswith("decision.complete_response.titrated.steady")


def test_the_folder_keeps_every_arm_and_is_resumed(study: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = told(study, "--out", str(out))
    assert {path.name for path in out.iterdir()} == {"result.json", "arm-titrated", "arm-steady"}
    assert (out / "arm-steady/probabilities.csv").exists()
    assert simulate(study, "--out", str(out))[0] == 10
    code, text, said = simulate(study, "--out", str(out), "--resume", "--format", "json")
    assert code == 0 and said.count("chunks were there already") == 2
    assert json.loads(text) == first


def test_another_protocol_of_the_same_arms_is_compared_arm_by_arm(study: Path, tmp_path: Path) -> None:
    other = tmp_path / "start-at-400.yaml"
    text = protocol_text(("start: 100 mg/d on day 1", "start: 400 mg/d on day 1"))
    other.write_text(text, encoding="utf-8")
    found = told(study, "--against", str(other), "--report", str(tmp_path / "page.html"))
    assert found["differences"]["titrated.response"]["value"] > 0
    assert abs(found["differences"][DIFFERENCE]["value"]) < 1
    assert "start-at-400.yaml" in (tmp_path / "page.html").read_text(encoding="utf-8")
    alone = FOLDER / "protocol.yaml"
    code, _, said = simulate(study, "--against", str(alone))
    assert code == 10 and ("TW-V045" in said or "TW-V053" in said)


def test_an_opened_trial_of_several_arms_is_refused_and_one_arm_is_opened(study: Path, tmp_path: Path) -> None:
    code, _, said = simulate(study, "--open", "3", "--home", str(tmp_path))
    assert code == 10 and "TW-V052" in said and "arm: titrated" in said
    dealt = study / "dealt.yaml"
    dealt.write_text(protocol_text((RANDOMIZED, "")), encoding="utf-8")
    words = ("simulate", str(dealt), "--open", "3", "--home", str(tmp_path), "--virtual")
    several = study / "several.yaml"
    numbers = "arms: {titrated: {participants: 5}, steady: {participants: 4}}\n"
    several.write_text((FOLDER / "operating.yaml").read_text(encoding="utf-8") + numbers, encoding="utf-8")
    refused = CliRunner().invoke(cli, [*words, str(several)])
    assert refused.exit_code == 10 and "A trial of several arms cannot be opened" in refused.stderr
    alone = study / "alone.yaml"
    text = (FOLDER / "operating.yaml").read_text(encoding="utf-8")
    alone.write_text(text + "arm: steady\nparticipants: 4\n", encoding="utf-8")
    opened = CliRunner().invoke(cli, [*words, str(alone)])
    assert opened.exit_code == 0, opened.stderr
    assert "4 participants" in opened.stdout


def test_the_page_of_several_arms_is_stamped_and_no_id_stands_twice(study: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    code, _, said = simulate(study, "--report", str(page))
    assert code == 0, said
    html = page.read_text(encoding="utf-8")
    ids = Counter(re.findall(r'\bid="([^"]+)"', html))
    assert [name for name, times in ids.items() if times > 1] == []
    assert html.count("<svg") == html.count(">SIMULATED</text>") // 2 == 4
    wanted = {name for group in re.findall(r'aria-labelledby="([^"]+)"', html) for name in group.split()}
    assert wanted <= set(ids)
    assert "The arms side by side" in html and "Titrated is found above Steady" in html


def test_a_kept_result_of_several_arms_stands_in_the_report_of_its_trial(study: Path) -> None:
    found = told(study)
    section = kept_section(found, found["provenance"]["protocol"])
    assert section is not None
    facts = next(block for block in section.blocks if isinstance(block, KeyValueTable))
    labels = [label for label, _ in facts.rows]
    assert labels[0] == "Response rate, Titrated minus Steady"
    assert {"Titrated: A participant responds", "Steady: A participant responds"} <= set(labels)
    assert kept_section(found, "another digest") is None
