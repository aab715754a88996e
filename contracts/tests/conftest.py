from __future__ import annotations

from hypothesis import settings

# A deadline per example says more about the machine than about the code.
settings.register_profile("contracts", max_examples=60, deadline=None)
settings.load_profile("contracts")
