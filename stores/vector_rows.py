"""Vectors at the door of a store: of the space's dimensions, finite, of unit length."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from jobs.errors import InvalidInput
from stores.vectors import FloatArray, Row, Space

TOLERANCE = 1e-3
"""How far a length may be from one: more than any rounding, less than any mistake."""


def matrix_of(rows: Sequence[Row], space: Space) -> FloatArray:
    """Return vectors as the rows of a matrix; raise InvalidInput."""
    for row in rows:
        if row.vector.shape != (space.dimensions,):
            raise InvalidInput(f"{row.id}: a vector of {space.key} has {space.dimensions} dimensions.", field="vector")
    matrix = np.array([row.vector for row in rows], np.float32).reshape(len(rows), space.dimensions)
    wrong = np.flatnonzero(~are_unit(matrix))
    if wrong.size:
        raise InvalidInput(f"{rows[wrong[0]].id}: a vector has unit length.", field="vector")
    return matrix


def are_unit(matrix: FloatArray) -> NDArray[np.bool_]:
    """Say of each row whether it is finite and of unit length."""
    with np.errstate(invalid="ignore", over="ignore"):
        squares = np.einsum("ij,ij->i", matrix, matrix)
        near: NDArray[np.bool_] = np.abs(squares - 1) < 2 * TOLERANCE
    return near


def direction_of(vector: FloatArray, space: Space) -> FloatArray:
    """Return a question's vector with unit length; raise InvalidInput where it has no direction."""
    if vector.shape != (space.dimensions,):
        raise InvalidInput(f"A vector of {space.key} has {space.dimensions} dimensions.", field="vector")
    length = float(np.linalg.norm(vector.astype(np.float64)))
    if not np.isfinite(length) or length == 0:
        raise InvalidInput("A vector that is zero or not finite is near to nothing.", field="vector")
    direction: FloatArray = (vector / length).astype(np.float32)
    return direction
