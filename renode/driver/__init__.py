"""Renode driven from outside: a process, its monitor, its scripts, and the simulator made of them. Imports jobs and renode."""
