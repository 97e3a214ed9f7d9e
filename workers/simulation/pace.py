"""How many executions are asked of a simulator at once: nothing interrupts it meanwhile."""

AIM_S = 0.15
"""What a batch should take."""
LONGEST_S = 0.5
"""What the first batch, and one that is large for the engine's sake, may take."""
ENGINE_ROWS = 64
"""Executions from which an engine that runs many at once does so."""
INSTRUCTIONS = 20_000_000
"""That any engine runs in about a quarter of a second."""
CYCLES = 50_000_000
"""Of executions that all run out of their budget: about half a second."""
MOST_ROWS = 16_384
MOST_BYTES = 16 * 2**20
"""Of inputs."""
_GROWTH = 4


class Pace:
    """Finds the size of batches as they run. It changes when something is looked at, never what comes out."""

    def __init__(self, *, path_length: int, max_cycles: int, input_bytes: int) -> None:
        self._most = max(1, min(MOST_ROWS, MOST_BYTES // max(input_bytes, 1)))
        self.rows = max(1, min(CYCLES // max_cycles, INSTRUCTIONS // max(path_length, 1), self._most))
        """Executions of the next batch."""

    def took(self, rows: int, seconds: float) -> None:
        """Take note of a batch."""
        if rows < self.rows and seconds < AIM_S:  # the rest of a range tells nothing
            return
        of_one = max(seconds, 1e-6) / rows
        fitting = int(min(AIM_S / of_one, _GROWTH * max(rows, self.rows)))
        if fitting < ENGINE_ROWS and of_one * ENGINE_ROWS <= LONGEST_S:
            fitting = ENGINE_ROWS
        self.rows = max(1, min(fitting, self._most))
