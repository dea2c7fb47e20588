"""Operating characteristics: the same protocol that runs a trial, played with chances, a million trials at a time.

``run`` is the way in. Its parts, in the order in which things happen:

- ``file`` and ``reading``: the file of chances, with some of its numbers set otherwise;
- ``planning`` (with ``reads``, ``visits``, ``checks``): protocol and file → ``design``, or findings;
- ``parameters`` (with ``quantiles``): numbers → arrays; ``chance``: which word decides what;
- ``interpreter`` (with ``chart``): paths of participants by the protocol's own evaluator and policy, over arrays;
- ``kernel``: the same, compiled from the same expressions;
- ``counting``: paths → ``tally``; whole numbers that can be added.

Everything that comes out is simulated, and says so.
"""
