"""Randomness as a pure function of seed and time.

Nothing here has state, so the market at an instant does not depend on who asked before: quotes and the previous
close read the same path.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_OCTAVES = 20
_SHORTEST_S = 0.5
# Makes the one-second standard deviation of `Paths.at` equal 1 (measured; the octaves overlap).
_UNIT = 0.5


def _hash(seed: int, *parts: ArrayLike) -> NDArray[np.uint64]:
    """Splitmix64 over the parts, broadcast against each other."""
    state = np.full(1, seed & 0x7FFFFFFFFFFFFFFF, np.uint64)
    for part in parts:
        # At least one dimension: numpy warns about the intended wrap-around of scalars only.
        number = np.atleast_1d(np.asarray(part)).astype(np.int64).view(np.uint64)
        state = state ^ (number * _GOLDEN + _GOLDEN)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state = state ^ (state >> np.uint64(31))
    return state


def uniform(seed: int, *parts: ArrayLike) -> NDArray[np.float64]:
    """Values in [0, 1), one per broadcast element of `parts`."""
    return (_hash(seed, *parts) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def gaussian(seed: int, *parts: ArrayLike) -> NDArray[np.float64]:
    """Zero-mean, unit-variance values: four 16-bit uniforms out of one hash, enough for a market of make-believe."""
    bits = _hash(seed, *parts)
    total = sum((bits >> np.uint64(shift) & np.uint64(0xFFFF)).astype(np.float64) for shift in (0, 16, 32, 48))
    return np.asarray((total / 65536.0 - 2.0) * np.sqrt(3.0), np.float64)


class Paths:
    """Continuous random paths that wander like Brownian motion up to a few days and then return.

    Octaves of interpolated noise, each with amplitude proportional to the root of its period, give increments that grow
    with the root of time while the level stays near zero for ever, which a sandbox that runs for weeks needs.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._periods = _SHORTEST_S * 2.0 ** np.arange(_OCTAVES)
        self._weights = _UNIT * np.sqrt(self._periods)
        self._octaves = np.arange(_OCTAVES)

    def at(self, path: NDArray[np.integer], times: NDArray[np.float64]) -> NDArray[np.float64]:
        """Levels in units of one second's standard deviation; `path` and `times` are (n,)."""
        position = times[:, None] / self._periods
        lower = np.floor(position)
        share = position - lower
        number = lower.astype(np.int64)
        before = gaussian(self._seed, path[:, None], self._octaves, number)
        after = gaussian(self._seed, path[:, None], self._octaves, number + 1)
        return np.asarray(((before * (1.0 - share) + after * share) * self._weights).sum(axis=1), np.float64)
