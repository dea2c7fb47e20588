"""Trialwright: a clinical trial is a program."""

__version__ = "0.1.0"
