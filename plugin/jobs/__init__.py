"""Background work: what runs beside the requests."""
