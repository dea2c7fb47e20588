"""Conduct: a trial in motion. The only room that writes a log, and only through ``Trial.submit``."""

from trialwright.conduct.commands import AnyCommand, read_command
from trialwright.conduct.trial import Outcome, Trial, occurred
from trialwright.log import Actor
from trialwright.vocabulary.findings import Refused

__all__ = ["Actor", "AnyCommand", "Outcome", "Refused", "Trial", "occurred", "read_command"]
