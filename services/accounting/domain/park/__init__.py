"""A zero-carbon park by the indicators of 发改环资〔2025〕910号, annexes 3 and 4 (trial).

rule          the indicator set: every requirement, figure and open point as a row
energy        carriers become tonnes of coal equivalent, by declared coefficients
electricity   flows by kind: direct supply, and what matching alone would take
guiding       what the park says of the guiding indicators, judged
statement     all of it: the core indicator and what follows for acceptance
"""

from __future__ import annotations
