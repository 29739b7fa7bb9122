"""A school's procedures: their definitions, the requests made under them, who decides."""
