"""`python -m meter_ingest`."""

import sys

from meter_ingest.app import main
from meter_ingest.out import maker

if sys.argv[1:] == [maker.ROLE]:
    maker.main()
else:
    main()
