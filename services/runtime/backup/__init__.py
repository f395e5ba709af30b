"""Backups: a service's database as one archive that any of its databases can be made from again.

    rows       the rows of a table, written the same way whichever database they are in
    archive    the file: its parts, its manifest, and what tells that a byte of it changed
    check      what is wrong with a database that is there
    saving     database → archive, archive → empty database
    removal    what an archive of old rows holds, gone from the database

No table is named here: which there are is what the service's metadata says.
"""

from __future__ import annotations
