"""Dashboards as code: `python -m deploy.grafana.build` writes the JSON that Grafana is provisioned with."""
