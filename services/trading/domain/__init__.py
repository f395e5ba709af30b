"""The pure rules of trading: values in, values out."""

from __future__ import annotations
