"""Templates filled with names: ``Le maire {deV}, {P}, …`` becomes a sentence with its names marked.

A list of names says in its head what it can fill. ``# slots: O leO deO`` means that each line is
``name|form|form``: the name as it fills ``{O}``, then what fills ``{leO}`` and ``{deO}``. In a form,
``~`` stands for the name, and what is around it is outside the entity (``de l'~``); so are brackets
around another form of it (``dem [Roten Kreuz]``). A form without either is the entity itself, in
another case. ``/`` parts forms that are equally good. ``# type: ORG`` is the type of the entity; a list
without it fills slots with ordinary words. ``# then: surnames`` makes a full name of a line of this
list and one of that list, with the slots ``P…`` of the one and ``N…`` of the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from services.enrich.training.marked import lines

SLOT = re.compile(r"\{([^{}\s]+)\}")
_HEAD = re.compile(r"^# (type|slots|then): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class NameList:
    """A file of names: the slots it fills, by column, and the forms of each name."""

    kind: str
    slots: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    then: str = ""


def read_list(path: Path) -> NameList:
    """The list in a file; a line with more or fewer forms than the head has slots is a ``ValueError``."""
    head = dict(_HEAD.findall(path.read_text(encoding="utf-8")))
    slots = tuple(head["slots"].split())
    rows = tuple(tuple(line.split("|")) for line in lines(path))
    for row in rows:
        if len(row) != len(slots):
            raise ValueError(f"{path.parent.name}/{path.name}: {row} does not fill {slots}")
    return NameList(head.get("type", ""), slots, rows, head.get("then", ""))


class Names:
    """All lists of one language, asked by slot."""

    def __init__(self, folder: Path) -> None:
        self._lists = {path.stem: read_list(path) for path in sorted(folder.glob("*.txt"))}
        self._by_slot: dict[str, list[tuple[NameList, int]]] = {}
        for one in self._lists.values():
            for column, slot in enumerate(one.slots):
                self._by_slot.setdefault(slot, []).append((one, column))

    @property
    def slots(self) -> frozenset[str]:
        """Every slot that can be filled; with a capital first letter it is filled so too."""
        return frozenset(self._by_slot)

    def plain(self) -> frozenset[str]:
        """Every name as it stands first in its line, given names and surnames apart."""
        return frozenset(row[0] for one in self._lists.values() for row in one.rows)

    def all_forms(self) -> Iterator[str]:
        """Every form of every line, marked; full names without their surname."""
        for one in self._lists.values():
            for row in one.rows:
                for column, forms in enumerate(row):
                    for form in forms.split("/"):
                        yield _marked(one.kind, row[0], form if column else "~")

    def fill(self, template: str, random: Random) -> str:
        """The template with marked names and a capital first; an unknown slot is a ``KeyError``."""
        filled = SLOT.sub(lambda slot: self._fill_slot(slot[1], random), template)
        return filled[:1].upper() + filled[1:]

    def _fill_slot(self, slot: str, random: Random) -> str:
        if slot in self._by_slot:
            return self._form(slot, random)
        lower = slot[0].lower() + slot[1:]
        form = self._form(lower, random)
        return form[:1].upper() + form[1:]

    def _form(self, slot: str, random: Random) -> str:
        choices = self._by_slot[slot]
        one, column = random.choices(choices, [len(choice[0].rows) for choice in choices])[0]
        row = random.choice(one.rows)
        name, form = row[0], random.choice(row[column].split("/")) if column else "~"
        if one.then:
            name, form = self._joined(name, form, self._lists[one.then], slot, random)
        return _marked(one.kind, name, form)

    @staticmethod
    def _joined(given: str, form: str, surnames: NameList, slot: str, random: Random) -> tuple[str, str]:
        """A given name and a surname, and the form of both: in the case of the slot, or as they are."""
        row = random.choice(surnames.rows)
        name = f"{given} {row[0]}"
        wanted = slot.replace("P", "N", 1)
        if "~" in form or wanted not in surnames.slots:
            return name, form if "~" in form else f"{form} {row[0]}"
        last = random.choice(row[surnames.slots.index(wanted)].split("/"))
        return name, last if "~" in last else f"{form} {last}"


def _marked(kind: str, name: str, form: str) -> str:
    """A form with its entity marked; without a type, the bare words."""
    if not kind:
        return form.replace("~", name)
    if "[" in form:
        return form.replace("]", f"|{kind}]")
    before, tilde, after = form.partition("~")
    return f"{before}[{name}|{kind}]{after}" if tilde else f"[{form}|{kind}]"
