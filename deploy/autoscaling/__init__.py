"""The autoscaler of one machine: what it sees, how it decides, what it does. Sizes pools as the API does."""
