"""Floor 1, the shell every service lives in: settings, database, revisions, the edge, metrics.

Services import it; it imports none of them. What is pure lies a floor below, in the kernel.
"""

from __future__ import annotations
