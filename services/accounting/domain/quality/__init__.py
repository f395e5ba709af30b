"""How good the data is, and so the figures that are made of it.

uncertainty    of a total by propagation of error: which cause moves it how far
monte_carlo    the same by drawing, with a seed
plan           how each source is measured, by whom, how well
history        what each source reported, month by month
completeness   months and days without a report
outlier        months that differ from a source's own
shares         stated parts that do not make up their stated whole
evidence       the documents of a month that the carbon market wants, and when
"""

from __future__ import annotations
