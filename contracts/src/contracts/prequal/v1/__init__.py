"""Messages of `prequal`, version 1: BSP qualification, prequalification of groups, zone caps, what may be bid."""
# pyright: reportWildcardImportFromLibrary=false

from contracts.message import Event as Event
from contracts.prequal.v1.applications import *
from contracts.prequal.v1.approvals import *
from contracts.prequal.v1.assessments import *
from contracts.prequal.v1.clocks import *
from contracts.prequal.v1.comments import *
from contracts.prequal.v1.communication import *
from contracts.prequal.v1.decisions import *
from contracts.prequal.v1.documents import *
from contracts.prequal.v1.products import *
from contracts.prequal.v1.qualification import *
from contracts.prequal.v1.readiness import *
from contracts.prequal.v1.receipt import *
from contracts.prequal.v1.restrictions import *
from contracts.prequal.v1.zones import *
