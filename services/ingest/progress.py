"""How far the reading of a seed has come: whoever waits is told, article by article, that it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")

_TOLD: ContextVar[Callable[[], None] | None] = ContextVar("told", default=None)


@contextmanager
def told_to(told: Callable[[], None]) -> Iterator[None]:
    """Within it, ``told`` is called whenever :func:`each` comes to the next."""
    token = _TOLD.set(told)
    try:
        yield
    finally:
        _TOLD.reset(token)


def going_on() -> None:
    """Say that an article is done and the next begins, to whoever waits."""
    if told := _TOLD.get():
        told()


def each(items: Iterable[T]) -> Iterator[T]:
    """The items, of which each is worth an article: to ask for one says that the one before is done."""
    for item in items:
        going_on()
        yield item
