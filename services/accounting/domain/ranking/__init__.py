"""Zones beside each other: values made comparable, weights, a rank, and percentiles. Statistics.

normalisation   values between 0 and 1, or of unit length
weights         entropy, CRITIC, AHP with its consistency
topsis          the distance to the best and the worst
percentile      where a zone stands among the others
ranking         zones by score, with all that made it
"""

from __future__ import annotations
