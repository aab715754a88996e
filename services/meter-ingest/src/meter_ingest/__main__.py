"""`python -m meter_ingest`."""

from meter_ingest.app import main

main()
