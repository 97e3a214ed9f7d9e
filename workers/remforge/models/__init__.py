"""Models: loaded once on a machine in a process of their own, batched across jobs, within a budget of memory."""
