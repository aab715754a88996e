"""Who may dispose of the resources behind a metering point on which day."""
