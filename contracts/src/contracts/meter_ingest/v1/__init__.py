"""Messages of `meter-ingest`, version 1: channels, values, completeness, activations, verifications."""
# pyright: reportWildcardImportFromLibrary=false

from contracts.message import Event as Event
from contracts.meter_ingest.v1.activation_changes import *
from contracts.meter_ingest.v1.activations import *
from contracts.meter_ingest.v1.adjustment import *
from contracts.meter_ingest.v1.aggregates import *
from contracts.meter_ingest.v1.baselines import *
from contracts.meter_ingest.v1.capacity_evidence import *
from contracts.meter_ingest.v1.channels import *
from contracts.meter_ingest.v1.completeness import *
from contracts.meter_ingest.v1.data_access import *
from contracts.meter_ingest.v1.documentation import *
from contracts.meter_ingest.v1.erasure import *
from contracts.meter_ingest.v1.evidence_answers import *
from contracts.meter_ingest.v1.lines import *
from contracts.meter_ingest.v1.net_loss import *
from contracts.meter_ingest.v1.own_meters import *
from contracts.meter_ingest.v1.prices import *
from contracts.meter_ingest.v1.profiles import *
from contracts.meter_ingest.v1.receipt import *
from contracts.meter_ingest.v1.retention import *
from contracts.meter_ingest.v1.series import *
from contracts.meter_ingest.v1.settlement import *
from contracts.meter_ingest.v1.validation import *
from contracts.meter_ingest.v1.verifications import *
from contracts.meter_ingest.v1.virtual import *
from contracts.meter_ingest.v1.volumes import *
