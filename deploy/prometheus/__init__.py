"""What watches the farm: configurations of Prometheus and Alertmanager, and rules, of which those of objectives are made here."""
