"""Which tests are slow: they run after the fast part of `make test`, in the same command, so that the fast part stays quick.

A file is listed with the reason; nothing listed here is skipped. Hypothesis sets no time limit to an example.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from tests.chromium import browser

__all__ = ["browser"]

settings.register_profile("house", deadline=None)  # a busy machine is no failure
settings.load_profile("house")

ROOT = Path(__file__).parent
SLOW = {
    "browser": "a real browser",
    "contracts/test_api_promises.py": "every address of the API, a server each",
    "contracts/test_ctgov_reading.py": "archives and bombs",
    "docs/test_documents_run.py": "every command of the documents, the demo among them",
    "doors/test_report_in_browser.py": "a real browser",
    "doors/test_study_page_in_browser.py": "a real browser",
    "doors/test_web_commands.py": "the printed commands, run",
    "doors/test_web_serving.py": "servers as processes of their own",
    "doors/test_api_own_addresses.py": "a registry behind a server",
    "doors/test_api_studies.py": "a registry behind a server",
    "doors/test_portal_pages.py": "a registry behind its pages",
    "doors/test_cli_cells.py": "a process a command",
    "doors/test_one_script_one_head.py": "a process a command",
    "doors/test_a_cohort_through_commands.py": "a whole cohort",
    "golden/test_rehearsal_of_the_seed.py": "whole rehearsals",
    "golden/test_check_of_the_seed.py": "a whole policy explored",
    "golden/test_second_trial.py": "a whole policy explored",
    "properties/test_exploration_laws.py": "many policies explored",
    "properties/test_policy_laws.py": "many policies at random",
    "properties/test_rehearsal_ways_agree.py": "whole rehearsals",
    "properties/test_mutated_protocols.py": "hundreds of mutated protocols",
    "properties/test_mutated_other_trials.py": "hundreds of mutated protocols",
    "properties/test_protocol_mutations.py": "hundreds of mutated protocols",
    "properties/test_log_laws.py": "hundreds of damaged logs",
    "properties/test_state_laws.py": "many trials at random",
    "properties/test_cells.py": "thousands of cells",
    "properties/test_estimator_laws.py": "lifelines beside ours, which imports slowly",
    "properties/test_expression_laws.py": "many expressions at random",
    "spec/test_check_criteria.py": "a protocol checked for each case",
    "spec/test_check_findings.py": "a protocol checked for each finding",
    "spec/test_language_generality.py": "ten other trials read, checked and advised",
    "spec/test_log_findings.py": "a log damaged in each way",
    "spec/test_protocol_reading.py": "a protocol read for each mistake",
    "spec/test_virtual_people.py": "a file of people read and tried for each mistake",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands in the list."""
    for item in items:
        path = item.path.relative_to(ROOT).as_posix()
        if path in SLOW or path.split("/")[0] in SLOW:
            item.add_marker(pytest.mark.slow)
