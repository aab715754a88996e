"""The tables whose rows follow from documents: what must not overlap, what is looked up."""

from __future__ import annotations

from sqlalchemy import DateTime, MetaData

METADATA = MetaData()
TIME = DateTime(timezone=True)
