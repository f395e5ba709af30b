"""Words every service shares: errors, names, units, quantities, masses, periods, money, trust.

Floor 0: pure. Values in, values out; nothing here knows a network, a database or a clock.
"""

from __future__ import annotations
