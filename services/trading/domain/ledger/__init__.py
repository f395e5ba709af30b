"""The ledger: what an enterprise has, by double entry, and how it came about.

A book is an enterprise's; a ledger account in it is one instrument for one purpose. A transfer
debits one account and credits another, so no book can be out of balance. Balances are debits less
credits.
"""

from __future__ import annotations
