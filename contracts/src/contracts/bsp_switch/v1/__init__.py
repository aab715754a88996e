"""Messages of `bsp-switch`, version 1: who stands behind a metering point, consents, control."""
# pyright: reportWildcardImportFromLibrary=false

from contracts.bsp_switch.v1.consents import *
from contracts.bsp_switch.v1.control import *
from contracts.bsp_switch.v1.documents import *
from contracts.bsp_switch.v1.end_users import *
from contracts.bsp_switch.v1.lookups import *
from contracts.bsp_switch.v1.lost_switches import *
from contracts.bsp_switch.v1.mergers import *
from contracts.bsp_switch.v1.meter_access import *
from contracts.bsp_switch.v1.objections import *
from contracts.bsp_switch.v1.persons import *
from contracts.bsp_switch.v1.receipt import *
from contracts.bsp_switch.v1.responsibility import *
from contracts.bsp_switch.v1.supply import *
from contracts.bsp_switch.v1.switches import *
from contracts.message import Event as Event
