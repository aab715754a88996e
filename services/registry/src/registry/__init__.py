"""Who exists, what lies behind a metering point, and what may be grouped."""
