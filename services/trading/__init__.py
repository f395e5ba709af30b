"""Trading: what enterprises are allocated, hold and owe in the national carbon market."""

from __future__ import annotations
