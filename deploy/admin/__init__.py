"""`dasein-admin`: what an operator does to a farm from its own machine, with its settings. May import anything."""
