"""What is measured, in which direction."""

from __future__ import annotations

from typing import Literal

EnergyDirection = Literal["consumption", "production"]


Product = Literal["active", "reactive", "capacitive", "inductive"]
"""What is measured: energy in Wh, or the other three in varh."""
