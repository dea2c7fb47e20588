"""The commands that do in a terminal what a page shows, ready to be copied. Runs nothing."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from trialwright.protocol import Protocol
from trialwright.web.workspace.decisions import ExplainedDecision
from trialwright.web.workspace.what_if import Field


@dataclass(frozen=True, slots=True)
class Terminal:
    """Commands for one trial.

    Args:
        trial: Its name.
        home: The home folder's path where the reader may know it, else empty.
        study: The protocol's own name of the study; empty where it cannot be read.
        seed: Of a rehearsal or a simulation.
        entries: Entries of the log.
        opened: Which trial of a simulation it is; None for a trial of its own.
    """

    trial: str
    home: str = ""
    study: str = ""
    seed: int | None = None
    entries: int = 0
    opened: int | None = None

    @property
    def _where(self) -> str:
        home = f" --home {shlex.quote(self.home)}" if self.home else ""
        return f"--trial {shlex.quote(self.trial)}{home}"

    @property
    def _log(self) -> str:
        return shlex.quote(f"{self.home or 'FOLDER'}/trials/{self.trial}/log.jsonl")

    @property
    def _protocol(self) -> str:
        return self._log.replace("log.jsonl", "protocol.yaml")

    @property
    def verify(self) -> str:
        """Verify the log."""
        return f"trialwright log verify {self._where}"

    @property
    def check(self) -> str:
        """Check the protocol."""
        return f"trialwright check {self._protocol}"

    @property
    def report(self) -> str:
        """Write the report."""
        return f"trialwright report {self._where}"

    @property
    def change(self) -> tuple[str, ...]:
        """Change the starting dose in a copy, and see what follows."""
        return (
            f"sed 's|start: 100 mg/d on day 1|start: 400 mg/d on day 1|' {self._protocol} > at-400.yaml",
            "trialwright check at-400.yaml",
            "trialwright page at-400.yaml --out at-400.html",
            *self._played_again("at-400"),
        )

    def _played_again(self, name: str) -> tuple[str, str]:
        """Play a changed protocol as this trial was played, with the same luck, and report on it."""
        seed = f" --seed {self.seed}" if self.seed is not None else ""
        files = f"trials/{self.study}"
        if self.opened is None:
            again = f"trialwright rehearse {name}.yaml --virtual {files}/virtual.yaml{seed} --out {name}"
            return again, f"trialwright report --trial {name}"
        again = f"trialwright simulate {name}.yaml --virtual {files}/operating.yaml{seed} --open {self.opened} --home {name}"
        return again, f"trialwright report --home {name}"

    @property
    def tamper(self) -> tuple[str, ...]:
        """Change one digit of a date in a copy of the log, and see it caught."""
        line = max(2, self.entries // 2)
        return (
            f"""sed '{line}s/"on":"20/"on":"21/' {self._log} > tampered.jsonl""",
            "trialwright log verify --file tampered.jsonl",
        )

    def explain(self, decision: ExplainedDecision, changed: tuple[Field, ...]) -> str:
        """Ask the what-if in the terminal."""
        options = "".join(f" --what-if {shlex.quote(f'{one.variable}={one.given}')}" for one in changed)
        person = shlex.quote(decision.known.id)
        return f"trialwright explain {person} {self._where} --on {decision.recorded.on}{options}"

    def record(self, protocol: Protocol, decision: ExplainedDecision, changed: tuple[Field, ...]) -> str:
        """Record the first change that can be corrected, for real."""
        recording = self._recording(decision.known.site)
        field = next((one for one in changed if one.variable not in protocol.derivations), None)
        if field is None and changed:
            parts = " and ".join(sorted(_parts(protocol, changed[0].variable)))
            return f"# {changed[0].label} is derived; correct {parts} instead, each with a command such as\n{recording}"
        if field is None or field.entry is None:
            return f"# correction.json holds a CorrectObservation with the entry, the value and the reason\n{recording}"
        correction = {
            "command": "CorrectObservation",
            "participant": decision.known.id,
            "on": decision.recorded.on.isoformat(),
            "corrects": field.entry,
            "value": field.given or None,
            "reason": "why it was wrong",
        }
        return self.correct(correction, decision.known.site)

    def correct(self, correction: Mapping[str, object], site: str) -> str:
        """Record one correction, given as plain data, for real."""
        return f"echo {shlex.quote(json.dumps(correction, ensure_ascii=False))} > correction.json\n{self._recording(site)}"

    def _recording(self, site: str) -> str:
        return f"trialwright record correction.json {self._where} --as {shlex.quote(f'YOU:coordinator:{site}')}"


def _parts(protocol: Protocol, variable: str) -> set[str]:
    return {protocol.label(part) for one in protocol.derivations[variable].inputs if (part := getattr(one, "variable", ""))}
