"""Jobs: the vocabulary that every process shares. Imports nothing of ours."""
