"""The rules of accounting. Pure: values in, values out."""

from __future__ import annotations
