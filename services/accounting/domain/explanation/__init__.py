"""Why a figure is what it is: the way of the number walked backwards.

line       emissions ← steps of the formula ← factors, activity ← amounts as written ← records
inventory  a figure ← kinds of activity ← lines
zone       a figure ← members or transfers ← lines
"""

from __future__ import annotations
