"""Messages of `meter-ingest`."""
