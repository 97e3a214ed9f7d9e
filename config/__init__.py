"""Config: typed settings, queue names and limits, log format, power models as data. Imports nothing of ours."""
