"""Indicators of zones: systems of them as data, their formulas, and how a zone stands by them.

expression    the formula language: named inputs, units proven before anything is computed
grammar       how a formula is written and read
input         what a formula can name: statistics, emissions, answers of the desk
emissions     the zone's inventory as a figure, each member a share
energy        comprehensive energy from the ledger, by declared coefficients
statistic     reported facts that are not energy, told apart and checked
figure        the figures of a zone and year that a formula is computed with, and what lacks
requirement   a limit and the side of it that is asked for, and how a value stands by it
system        an indicator system: groups, indicators, requirements, scoring, open points
check         whether a system holds together before anybody may publish it
score         a value against its reference, and the scores of a system added up
evaluation    a zone's year by a system: values, verdicts, scores, conclusion
difference    what became of an evaluation: each change by its causes, which add up
"""

from __future__ import annotations
