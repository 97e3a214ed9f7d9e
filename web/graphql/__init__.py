"""The read model as a graph: types, what they are read with, and what a query may cost. Imports jobs, stores.ports and web."""
