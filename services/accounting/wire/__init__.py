"""Messages of the contract ⇄ values of the domain: one module a noun."""

from __future__ import annotations
