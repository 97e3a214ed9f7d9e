"""What the report's account of its method is made of."""

from dataclasses import dataclass

from workers.simulation.report_facts import Fact


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the computation."""

    title: str
    text: str
    facts: tuple[Fact, ...]
    reference: str = ""
