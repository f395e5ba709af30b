"""What the exchange says of a day: quotes of each product, and the bulletin that prints them."""

from __future__ import annotations
