"""What a caller installs: the contract as Python modules, a client, a command line."""

from __future__ import annotations
