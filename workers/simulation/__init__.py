"""The simulation pool: campaigns, power, statistics, reports. Imports jobs, stores.ports, renode.trace and itself."""
