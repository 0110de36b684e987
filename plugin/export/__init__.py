"""An incident's channel as a file: whole, in order, as a stream."""
