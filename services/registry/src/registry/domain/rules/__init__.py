"""The rules that `registry` refuses by, and what it gives notice of. Numbers: rules `R…`, decisions `D…`."""

from __future__ import annotations

from contracts.message import Rule
from contracts.shared_rules import ID_NOT_AVAILABLE as ID_NOT_AVAILABLE
from registry.domain.rules.grid import *
from registry.domain.rules.keys import *
from registry.domain.rules.parties import *
from registry.domain.rules.points import *
from registry.domain.rules.policies import *
from registry.domain.rules.regulation_objects import *
from registry.domain.rules.resending import *
from registry.domain.rules.resources import *

from registry.domain.rules.groups import *  # isort: skip

ALL = tuple(value for value in tuple(vars().values()) if isinstance(value, Rule))
"""Every rule, in the order of the modules."""
