"""Messages of `registry`, version 1: parties, policies, grid, metering points, resources, flexibility groups."""
# pyright: reportWildcardImportFromLibrary=false

from contracts.message import Event as Event
from contracts.registry.v1.grid import *
from contracts.registry.v1.groups import *
from contracts.registry.v1.joining import *
from contracts.registry.v1.keys import *
from contracts.registry.v1.parties import *
from contracts.registry.v1.points import *
from contracts.registry.v1.policies import *
from contracts.registry.v1.receipt import *
from contracts.registry.v1.regrouping import *
from contracts.registry.v1.regulation_objects import *
from contracts.registry.v1.resending import *
from contracts.registry.v1.resources import *
from contracts.registry.v1.resources_ahead import *
from contracts.registry.v1.watching import *
from contracts.technologies import Category as Category
from contracts.technologies import Technology as Technology
