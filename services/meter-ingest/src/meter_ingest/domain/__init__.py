"""What `meter-ingest` decides. Pure: no I/O, clock, random ids or framework."""
