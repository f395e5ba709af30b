"""Work in the background: obligations and allocations follow; what has a time is done at it."""

from __future__ import annotations

from services.trading.jobs.allocations import Anew
from services.trading.jobs.instructions import DeskClock
from services.trading.jobs.obligations import Follower
from services.trading.jobs.time_outs import TimeOuts

__all__ = ["Anew", "DeskClock", "Follower", "TimeOuts"]
