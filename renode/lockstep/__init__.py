"""Many executions of one function together, one vector lane each."""
