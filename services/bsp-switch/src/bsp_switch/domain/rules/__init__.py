"""The rules that may refuse, or that a participant should notice. Numbers: rules `R…`, decisions `D…`."""

from __future__ import annotations

from bsp_switch.domain.rules.consents import *
from bsp_switch.domain.rules.control import *
from bsp_switch.domain.rules.mergers import *
from bsp_switch.domain.rules.persons import *
from bsp_switch.domain.rules.supply import *
from bsp_switch.domain.rules.switches import *
from contracts.message import Rule
from contracts.shared_rules import ID_NOT_AVAILABLE as ID_NOT_AVAILABLE

ALL = tuple(value for value in tuple(vars().values()) if isinstance(value, Rule))
"""Every rule, in the order of the modules."""
