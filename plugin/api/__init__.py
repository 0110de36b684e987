"""HTTP in: routes, handlers, errors."""
