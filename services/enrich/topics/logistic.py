"""Logistic regression with a quadratic penalty, by limited-memory BFGS; numpy alone, no chance in it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Objective = Callable[[Vector], tuple[float, Vector]]

MEMORY = 8
MOST_STEPS = 80
MOST_HALVINGS = 20
TOLERANCE = 1e-3
"""The gradient is this part of the first one when we stop."""

SUFFICIENT = 1e-4
"""Armijo's condition: the part of the promised decrease that a step must bring."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A sparse matrix: ``amounts[i]`` stands in row ``rows[i]`` and column ``columns[i]``."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    amounts: Vector
    row_count: int
    column_count: int

    def times(self, weights: Vector) -> Vector:
        """One number a row: its product with the weights of the columns."""
        products = self.amounts * weights[self.columns]
        return _sums(self.rows, products, self.row_count)

    def transposed_times(self, residuals: Vector) -> Vector:
        """One number a column."""
        products = self.amounts * residuals[self.rows]
        return _sums(self.columns, products, self.column_count)


def _sums(places: NDArray[np.int64], numbers: Vector, length: int) -> Vector:
    sums: Vector = np.bincount(places, weights=numbers, minlength=length).astype(np.float64, copy=False)
    return sums


def fit(matrix: Rows, labels: NDArray[np.bool_], strength: float) -> tuple[Vector, float]:
    """The weights of the columns and the bias; ``strength`` is what an error costs beside the penalty."""

    def objective(point: Vector) -> tuple[float, Vector]:
        weights, bias = point[:-1], point[-1]
        margins = matrix.times(weights) + bias
        loss = np.logaddexp(0.0, np.where(labels, -margins, margins)).sum()
        residuals = strength * (sigmoid(margins) - labels)
        gradient = np.append(weights + matrix.transposed_times(residuals), residuals.sum())
        return float(strength * loss + 0.5 * inner(weights, weights)), gradient

    point = minimum(objective, np.zeros(matrix.column_count + 1))
    return point[:-1], float(point[-1])


def inner(left: Vector, right: Vector) -> float:
    """The inner product, without BLAS: its threads cost more than they bring, and round as they like."""
    return float((left * right).sum())


def sigmoid(margins: Vector) -> Vector:
    """The probabilities of margins, without overflow."""
    result: Vector = np.exp(-np.logaddexp(0.0, -margins))
    return result


def minimum(objective: Objective, point: Vector) -> Vector:
    """Where a smooth convex function is smallest, nearly."""
    value, gradient = objective(point)
    enough = TOLERANCE * float(np.abs(gradient).max(initial=0.0))
    pairs: deque[tuple[Vector, Vector]] = deque(maxlen=MEMORY)
    for _ in range(MOST_STEPS):
        if np.abs(gradient).max(initial=0.0) <= enough:
            break
        direction = _direction(gradient, pairs)
        reached = _search(objective, point, value, gradient, direction)
        if reached is None:
            break
        new_point, new_value, new_gradient = reached
        step, change = new_point - point, new_gradient - gradient
        if inner(step, change) > 0:
            pairs.append((step, change))
        point, value, gradient = new_point, new_value, new_gradient
    return point


def _search(
    objective: Objective, point: Vector, value: float, gradient: Vector, direction: Vector
) -> tuple[Vector, float, Vector] | None:
    """The first point along the direction, halving, that is enough lower; None if there is none."""
    slope = inner(gradient, direction)
    length = 1.0
    for _ in range(MOST_HALVINGS):
        new_point = point + length * direction
        new_value, new_gradient = objective(new_point)
        if new_value <= value + SUFFICIENT * length * slope:
            return new_point, new_value, new_gradient
        length /= 2
    return None


def _direction(gradient: Vector, pairs: deque[tuple[Vector, Vector]]) -> Vector:
    """The two loops of Nocedal; at first, steepest descent of length 1."""
    direction: Vector = -gradient
    if not pairs:
        direction /= max(1.0, inner(gradient, gradient) ** 0.5)
        return direction
    shares: list[float] = []
    for step, change in reversed(pairs):
        shares.append(inner(step, direction) / inner(step, change))
        direction = direction - shares[-1] * change
    step, change = pairs[-1]
    direction = direction * (inner(step, change) / inner(change, change))
    for (step, change), share in zip(pairs, reversed(shares), strict=True):
        direction = direction + (share - inner(change, direction) / inner(step, change)) * step
    return direction
