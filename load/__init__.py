"""Load: how a farm behaves under many users, as scripts for k6 with thresholds, and the same for Locust where there is no k6."""
