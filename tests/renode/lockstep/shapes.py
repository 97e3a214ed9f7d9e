"""How random programs are made up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """How a program is made up; shares are of nodes, and what is left over is plain instructions."""

    name: str
    length: int
    """Nodes of the outermost body."""
    memory: float = 0.0
    """Accesses to memory"""
    blocks: float = 0.0
    """IT blocks"""
    ways: float = 0.0
    """Branches, loops, tables and calls"""
    varying: float = 0.5
    """Of addresses and ways, those that depend on the input."""
    strays: float = 0.0
    """Of varying addresses, those that may lie far off."""


SHAPES = {
    shape.name: shape
    for shape in (
        Shape("straight", 60),
        Shape("memory", 40, memory=0.6, varying=0.3),
        Shape("blocks", 30, memory=0.15, blocks=0.4),
        Shape("ways", 14, memory=0.1, blocks=0.05, ways=0.3, varying=0.15),
        Shape("parting", 12, memory=0.1, blocks=0.05, ways=0.3, varying=0.7),
        Shape("all", 24, memory=0.3, blocks=0.15, ways=0.1, varying=0.3, strays=0.03),
    )
}

ROWS = Shape("rows", 0, varying=0.2)
"""Of programs that go through given rows."""
