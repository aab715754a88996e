from __future__ import annotations

import importlib
import sys

from hypothesis import settings

# This directory's parent is named like the package it holds. Importing this file by its path, pytest has put an empty
# package of that name in the place of the real one.
if getattr(sys.modules.get("contracts"), "__file__", None) is None:
    sys.modules.pop("contracts", None)
    importlib.import_module("contracts")

# A deadline per example says more about the machine than about the code.
settings.register_profile("contracts", max_examples=60, deadline=None)
settings.load_profile("contracts")
