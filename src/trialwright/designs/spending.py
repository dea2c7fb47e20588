"""Error-spending functions: how much of the type I error may be spent by a share of the information. Finds no boundary."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, assert_never

import numpy as np
import numpy.typing as npt

from trialwright.designs.errors import DesignError, require_rate

Floats = npt.NDArray[np.float64]
Family = Literal["obrien-fleming", "pocock", "power", "hwang-shih-decani"]


@dataclass(frozen=True, slots=True)
class Spending:
    """A spending function: its family and, for the power and the Hwang-Shih-DeCani family, its parameter.

    The power family's parameter (rho) is above 0; that of Hwang-Shih-DeCani (gamma) is any number: -4 is like O'Brien-Fleming,
    1 like Pocock, 0 linear.
    """

    family: Family
    parameter: float = 0.0

    def __post_init__(self) -> None:
        if not math.isfinite(self.parameter):
            raise DesignError("parameter", self.parameter, "a finite number is wanted")
        if self.family == "power" and self.parameter <= 0:
            raise DesignError("parameter", self.parameter, "the power family needs a rho above 0")

    def spent(self, share: npt.ArrayLike, alpha: float) -> Floats:
        """Return the type I error spent by each share of the information.

        Args:
            share: Shares above 0; 1 and more spend all. Any shape.
            alpha: One-sided type I error to be spent, strictly between 0 and 1.

        Source: Lan KKG, DeMets DL, Biometrika 1983;70:659-63; Kim K, DeMets DL, Biometrika 1987;74:149-54 (power);
        Hwang IK, Shih WJ, DeCani JS, Stat Med 1990;9:1439-45. Checked against rpact_alpha_spending.csv.
        """
        require_rate("alpha", alpha)
        t = np.minimum(np.asarray(share, np.float64), 1.0)
        match self.family:
            case "obrien-fleming":
                from scipy.special import ndtr, ndtri

                return np.asarray(2 * ndtr(ndtri(alpha / 2) / np.sqrt(t)), np.float64)
            case "pocock":
                return np.asarray(alpha * np.log1p((math.e - 1) * t), np.float64)
            case "power":
                return np.asarray(alpha * t**self.parameter, np.float64)
            case "hwang-shih-decani":
                if self.parameter == 0:
                    return np.asarray(alpha * t, np.float64)
                return np.asarray(alpha * np.expm1(-self.parameter * t) / math.expm1(-self.parameter), np.float64)
            case _:
                assert_never(self.family)
