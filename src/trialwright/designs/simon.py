"""Simon's two-stage designs: optimal, minimax and the admissible ones between. Decides nothing about a running trial.

Compiled by numba where it is installed and asked for; otherwise the same search over numpy arrays, with the same result.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialwright.designs.errors import DesignError, require_count, require_levels, require_rising_rates
from trialwright.designs.simon_kernel import COLUMNS, compiled_search

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
MOST = 1_000
SOURCE = "Simon R, Control Clin Trials 1989;10:1-10"


@dataclass(frozen=True, slots=True)
class TwoStage:
    """Stop after ``n1`` participants with ``r1`` responders or fewer; call it active with more than ``r`` of ``n``.

    Args:
        r1: Most responders of the first stage that stop the trial, 0 … n1 - 1.
        n1: Participants of the first stage.
        r: Most responders of both stages that do not reject the null.
        n: Participants of both stages.
        en_p0: Expected participants when the true rate is p0.
        pet_p0: Chance (0-1) of stopping after the first stage when the true rate is p0.
        alpha: Exact chance of rejecting when the true rate is p0.
        power: Exact chance of rejecting when the true rate is p1.
    """

    r1: int
    n1: int
    r: int
    n: int
    en_p0: float
    pet_p0: float
    alpha: float
    power: float


@dataclass(frozen=True, slots=True)
class SimonDesigns:
    """The designs for two rates and two error rates.

    ``optimal`` has the least expected size under p0, ``minimax`` the least greatest size, and ``admissible`` (both included, n
    rising) are those that minimize some weighting of the two.
    """

    optimal: TwoStage
    minimax: TwoStage
    admissible: tuple[TwoStage, ...]


def simon(p0: float, p1: float, alpha: float, power: float, n_max: int = MOST, compiled: bool | None = None) -> SimonDesigns:
    """Find Simon's two-stage designs by complete search.

    Args:
        p0: Response rate not worth pursuing, strictly between 0 and 1.
        p1: Response rate worth finding, above p0.
        alpha: Largest chance of a false positive.
        power: Smallest chance of finding p1 (1 - beta).
        n_max: Greatest number of participants considered, 2 … 1,000. The search ends by itself once no greater n can be better.
        compiled: True: by numba (ImportError without it); False: by numpy; None: by numba where it is installed.

    Returns:
        The designs. Ties in the expected size go to the smaller n, then the smaller n1; of several r the greatest is taken.

    Raises:
        DesignError: An argument is out of range, or no design has ``n_max`` participants or fewer.

    Source: Simon 1989 (optimal, minimax); Jung SH et al., Stat Med 2004;23:561-9 (admissible).

    >>> simon(0.2, 0.4, 0.05, 0.8, compiled=False).optimal.n
    43
    """
    low, high = require_rising_rates(p0, p1)
    level, wanted = require_levels(alpha, power)
    require_count("n_max", n_max, 2, MOST)
    rows = _searched(low, high, level, wanted, n_max, has_numba() if compiled is None else compiled)
    if not rows.size:
        raise DesignError("n_max", n_max, f"no two-stage design for {p0} against {p1} with these error rates is so small")
    designs = tuple(_design(row) for row in rows)
    return SimonDesigns(designs[-1], designs[0], _admissible(designs))


@dataclass(frozen=True, slots=True)
class SimonGrid:
    """Optimal or minimax designs of many settings: the fields of ``TwoStage`` as arrays, one value a setting (-1, nan: none)."""

    r1: Ints
    n1: Ints
    r: Ints
    n: Ints
    en_p0: Floats
    pet_p0: Floats
    alpha: Floats
    power: Floats


def simon_grid(
    p0: npt.ArrayLike,
    p1: npt.ArrayLike,
    alpha: npt.ArrayLike,
    power: npt.ArrayLike,
    n_max: int = MOST,
    compiled: bool | None = None,
) -> tuple[SimonGrid, SimonGrid]:
    """Find the optimal and the minimax designs of many settings at once.

    Args:
        p0: Rates not worth pursuing; the four arrays broadcast, and their shape is that of the result.
        p1: Rates worth finding.
        alpha: Largest chances of a false positive.
        power: Smallest chances of finding p1.
        n_max: Greatest number of participants; a setting without a design so small has none.
        compiled: As in ``simon``.

    Raises:
        DesignError: A value is out of range.

    Source: as ``simon``.
    """
    given = np.broadcast_arrays(*(np.asarray(one, np.float64) for one in (p0, p1, alpha, power)))
    found: list[tuple[TwoStage, TwoStage]] = []
    for low, high, level, wanted in zip(*(one.reshape(-1).tolist() for one in given), strict=True):
        try:
            one = simon(low, high, level, wanted, n_max, compiled)
            found.append((one.optimal, one.minimax))
        except DesignError as error:
            if error.field != "n_max" or not 2 <= n_max <= MOST:
                raise
            found.append((_NO_DESIGN, _NO_DESIGN))
    return _as_grid([pair[0] for pair in found], given[0].shape), _as_grid([pair[1] for pair in found], given[0].shape)


_NO_DESIGN = TwoStage(-1, -1, -1, -1, *[float("nan")] * 4)


def _as_grid(designs: list[TwoStage], shape: tuple[int, ...]) -> SimonGrid:
    columns = {name: np.array([getattr(one, name) for one in designs]).reshape(shape) for name in TwoStage.__dataclass_fields__}
    return SimonGrid(**columns)


def has_numba() -> bool:
    """Whether the extra that compiles is installed; asks without importing it."""
    try:
        return importlib.util.find_spec("numba") is not None
    except ValueError:  # barred: it stands as None among the modules
        return False


def _searched(p0: float, p1: float, alpha: float, power: float, n_max: int, compiled: bool) -> Floats:
    if not compiled:
        return _by_arrays(p0, p1, alpha, power, n_max)
    found = np.empty((n_max + 1, COLUMNS))
    return found[: compiled_search()(np.array([p0, p1]), alpha, power, n_max, found)]


def _design(row: Floats) -> TwoStage:
    n, n1, r1, r = (int(value) for value in row[:4])
    en, pet, alpha, power = (float(value) for value in row[4:])
    return TwoStage(r1, n1, r, n, en, pet, alpha, power)


def _admissible(designs: tuple[TwoStage, ...]) -> tuple[TwoStage, ...]:
    """The lower convex hull of (n, expected n): each minimizes w n + (1 - w) EN for some w from 0 to 1."""
    hull: list[TwoStage] = []
    for one in designs:
        while len(hull) > 1 and _above(hull[-2], hull[-1], one):
            hull.pop()
        hull.append(one)
    return tuple(hull)


def _above(left: TwoStage, middle: TwoStage, right: TwoStage) -> bool:
    slope = (right.en_p0 - left.en_p0) / (right.n - left.n)
    return middle.en_p0 > left.en_p0 + slope * (middle.n - left.n)


class _Tables:
    """Binomial masses and tails under one rate, row by row; zeros and ones beyond a row's end."""

    def __init__(self, rate: float, n_max: int) -> None:
        self.rate = rate
        self.masses = np.zeros((n_max + 1, n_max + 2))
        self.tails = np.zeros((n_max + 1, n_max + 2))
        self.stops = np.ones((n_max + 1, n_max + 2))
        self.masses[0, 0] = self.tails[0, 0] = 1.0

    def extend(self, n: int) -> None:
        """Write row ``n``, the row before it being there."""
        before, row = self.masses[n - 1], self.masses[n]
        row[0] = (1.0 - self.rate) * before[0]
        row[1 : n + 1] = (1.0 - self.rate) * before[1 : n + 1] + self.rate * before[:n]
        self.tails[n, n:0:-1] = np.cumsum(row[n:0:-1])
        self.tails[n, 0] = 1.0
        self.stops[n, : n + 1] = np.cumsum(row[: n + 1])


def _by_arrays(p0: float, p1: float, alpha: float, power: float, n_max: int) -> Floats:
    """The search of ``simon_kernel``, over all first stages of an n at once."""
    null, other = _Tables(p0, n_max), _Tables(p1, n_max)
    r1_most = np.full(n_max + 1, -1, np.int64)
    best, found = np.inf, []
    for n in range(1, n_max + 1):
        null.extend(n)
        other.extend(n)
        r1_most[n] = min(int((other.stops[n, : n + 1] <= 1.0 - power).sum()), n) - 1
        r_most, reachable = _most_powerful(null, other, n, alpha)
        if n < 2 or reachable < power:
            continue
        stages = np.arange(1, n)
        least = stages + (1.0 - null.stops[stages, np.maximum(r1_most[1:n], 0)]) * (n - stages)
        stages = stages[(r1_most[1:n] >= 0) & (least < best)]
        if n > best and not stages.size:
            break
        row = _best_of(null, other, (n, r_most), stages, r1_most[stages], (alpha, power, best)) if stages.size else None
        if row is not None:
            best = row[4]
            found.append(row)
    return np.array(found, np.float64)


def _most_powerful(null: _Tables, other: _Tables, n: int, alpha: float) -> tuple[int, float]:
    r = int(np.flatnonzero(null.tails[n, 1 : n + 2] <= alpha)[0])
    share = (alpha - null.tails[n, r + 1]) / null.masses[n, r]
    return r, float(other.tails[n, r + 1] + share * other.masses[n, r])


def _best_of(
    null: _Tables,
    other: _Tables,
    whole: tuple[int, int],
    stages: npt.NDArray[np.int64],
    r1_most: npt.NDArray[np.int64],
    wanted: tuple[float, float, float],
) -> tuple[float, ...] | None:
    """The least expected size below the best at one n; None where no first stage is feasible."""
    (n, r_most), (alpha, power, best) = whole, wanted
    r1 = np.arange(int(r1_most.max()) + 1)
    expected = stages[:, None] + (1.0 - null.stops[stages][:, r1]) * (n - stages)[:, None]
    open_ = (r1 <= r1_most[:, None]) & (expected < best)
    chosen = np.full(expected.shape, -1, np.int64)
    sizes, powers = np.zeros(expected.shape), np.zeros(expected.shape)
    for r in range(r_most, -1, -1):
        open_ &= (r1 < r) | (r == r_most)
        if not open_.any():
            break
        size = _goes_on_and_rejects(null, n, stages, r, r1)
        reached = _goes_on_and_rejects(other, n, stages, r, r1)
        open_ &= size <= alpha
        now = open_ & (reached >= power)
        chosen[now], sizes[now], powers[now] = r, size[now], reached[now]
        open_ &= ~now
    feasible = np.where(chosen >= 0, expected, np.inf)
    at = int(np.argmin(feasible.min(axis=1)))
    first = int(np.argmin(feasible[at]))
    if not np.isfinite(feasible[at, first]):
        return None
    n1 = int(stages[at])
    return (n, n1, first, chosen[at, first], feasible[at, first], null.stops[n1, first], sizes[at, first], powers[at, first])


def _goes_on_and_rejects(tables: _Tables, n: int, stages: npt.NDArray[np.int64], r: int, r1: npt.NDArray[np.int64]) -> Floats:
    """Chance of more than ``r1`` responses in the first stage and more than ``r`` in both; shape ``(stages, r1)``."""
    x = np.arange(n)
    needed = np.clip(r + 1 - x, 0, n + 1)[None, :]
    joint = tables.masses[stages][:, :n] * tables.tails[(n - stages)[:, None], needed]
    beyond = np.cumsum(joint[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(beyond[:, r1 + 1], np.float64)
