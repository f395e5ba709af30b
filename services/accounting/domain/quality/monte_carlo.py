"""The uncertainty of a total by Monte Carlo: IPCC 2006, volume 1, chapter 3, approach 2.

Each cause of error is drawn once for each sample, from the normal distribution whose 95 % interval
is its own, cut off at 0, since neither an amount nor a factor is negative; a draw below 0 is drawn
again. What is shared by several lines is thus wrong in all of them at once. The caller brings the
seed, and the same seed gives the same answer in the same release: nothing here is left to chance.

Figures are float64: statistics, never books.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.accounting.domain.emission import CO2E_PER_CO2
from services.accounting.domain.formula import (
    Chain,
    Constant,
    Difference,
    Known,
    Slot,
    Token,
    activity_unit,
    worth,
)
from services.accounting.domain.quality.uncertainty import Cause, Interval, Question, Term
from services.kernel import units
from services.kernel.errors import FieldInvalid
from services.kernel.mass import G_PER_T, Gas

Floats = NDArray[np.float64]
_Drawn = Mapping[Cause, Floats]

DEFAULT_SAMPLE_COUNT: Final = 10_000
FEWEST_SAMPLES: Final = 1_000
MOST_SAMPLES: Final = 100_000

_CHUNK_SAMPLES: Final = 10_000
"""So many samples of every cause are held at once."""

_ENDS_PERCENT: Final = (2.5, 97.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """What the samples of a total look like, grams of CO2 equivalent."""

    mean_g: float
    deviation_g: float
    """The standard deviation of the samples, with n − 1."""
    lower_g: float
    """The percentile 2.5."""
    upper_g: float
    """The percentile 97.5."""
    sample_count: int
    seed: int


def chosen_count(given: int) -> int:
    """Return how many samples are drawn; 0 leaves it to us.

    Raises:
        FieldInvalid: too few for the ends of an interval, or more than are worth waiting for.
    """
    if given and not FEWEST_SAMPLES <= given <= MOST_SAMPLES:
        raise FieldInvalid(
            field="monte_carlo.sample_count",
            given=str(given),
            allowed=f"{FEWEST_SAMPLES:,} to {MOST_SAMPLES:,}",
        )
    return given or DEFAULT_SAMPLE_COUNT


def simulated(asked: Question, *, seed: int, sample_count: int) -> Simulated | None:
    """Return the distribution of a total; None where anything is lacking."""
    if asked.lacks:
        return None
    generator = np.random.Generator(np.random.PCG64(seed))
    total = np.zeros(sample_count)
    for start in range(0, sample_count, _CHUNK_SAMPLES):
        of_chunk = total[start : start + _CHUNK_SAMPLES]
        drawn = _drawn(asked, generator, len(of_chunk))
        for term in asked.terms:
            of_chunk += _emissions_g(term, drawn, asked.gwp_set)
    lower, upper = np.percentile(total, _ENDS_PERCENT)
    return Simulated(
        mean_g=float(total.mean()),
        deviation_g=float(total.std(ddof=1)),
        lower_g=float(lower),
        upper_g=float(upper),
        sample_count=sample_count,
        seed=seed,
    )


def _drawn(asked: Question, generator: np.random.Generator, count: int) -> _Drawn:
    """Return the samples of every cause that the total has, drawn in the order of their names."""
    causes = {Cause.of_source(term.source_id) for term in asked.terms}
    causes |= {cause for term in asked.terms for cause, _ in term.causes()}
    return {cause: _normal(asked.intervals[cause], generator, count) for cause in sorted(causes)}


def _normal(interval: Interval, generator: np.random.Generator, count: int) -> Floats:
    mean, deviation = float(interval.mean), float(interval.deviation)
    values = generator.normal(mean, deviation, count)
    # The mean is not negative, so that at least every second draw is kept.
    while (below := values < 0).any():
        values[below] = generator.normal(mean, deviation, int(below.sum()))
    return values


def _emissions_g(term: Term, drawn: _Drawn, gwp_set: str) -> Floats:
    """Return the samples of one term, with its sign."""
    binding = term.binding
    known = binding.known
    factors = {factor.slot: drawn[cause] for cause, factor in term.causes()}
    weights = {
        each.gas: each.factor.quantity.fraction
        for each in binding.potentials
        if each.gwp_set == gwp_set
    }
    weights |= {Gas.CO2: CO2E_PER_CO2, Gas.CO2E: CO2E_PER_CO2}
    chains = term.formula.taken(binding.subject, known.figures.keys())
    unit = activity_unit(chains[0], known)
    activity = drawn[Cause.of_source(term.source_id)] * float(term.sign * term.activity)
    total = np.zeros_like(activity)
    for chain in chains:
        product = activity * float(_scale(chain, unit, known) * weights[chain.gas] * G_PER_T)
        for token in _taken(chain, known):
            product *= _worth(token, known, factors)
        total += product
    return total


def _taken(chain: Chain, known: Known) -> list[Token]:
    return [token for token in chain.tokens if known.takes(token)]


def _scale(chain: Chain, unit: str, known: Known) -> Fraction:
    """Return what the units of a product make, to tonnes of its gas."""
    codes = [unit, *(worth(token, known)[1] for token in _taken(chain, known))]
    return units.coefficient(*codes, to=f"t{chain.gas}")


def _worth(token: Token, known: Known, factors: Mapping[Slot, Floats]) -> Floats | float:
    match token:
        case Constant():
            return float(token.value)
        case Slot():
            return factors[token.of(known.subject)]
        case Difference():
            _, code = worth(token.first, known)
            value = _worth(token.first, known, factors)
            for slot in token.others:
                _, unit = worth(slot, known)
                value = value - _worth(slot, known, factors) * float(units.conversion(unit, code))
            return value
