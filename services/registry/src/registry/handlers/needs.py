"""What handlers say they will load."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chassis.service import Kind

Wanted = Iterable[tuple[Kind[Any], Iterable[str]]]
