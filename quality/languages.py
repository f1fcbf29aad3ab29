"""The language of a text of eight words, and of four sentences, where nobody declares it.

A figure is the mean over languages of how often the language is right.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from quality.measures import GOLD, Measure, digest_of
from services.enrich.language import identify
from services.enrich.training import marked
from services.enrich.training.corpora import Corpus, sentences
from services.enrich.training.written import FOLDER

OWN = GOLD / "languages.txt"
NAMED = "de en es fr it nl pl pt ru".split()
"""Languages of which our own sentences stand in the development sets of names."""

NEWS = {
    "da": "uner/dev/da_ddt-test",
    "de": "uner/dev/de_pud-test",
    "en": "uner/dev/en_pud-test",
    "hr": "uner/dev/hr_set-test",
    "hu": "nerkor/dev/hu-news-wikipedia-test",
    "pt": "uner/dev/pt_pud-test",
    "ro": "ronec/dev/ro-test",
    "ru": "uner/dev/ru_pud-test",
    "sk": "uner/dev/sk_snk-test",
    "sv": "uner/dev/sv_talbanken-test",
}
TREEBANKS = {"es": "Spanish-GSD/es_gsd", "fr": "French-GSD/fr_gsd", "nl": "Dutch-Alpino/nl_alpino"}
WORDS, SENTENCES = 8, 4
Texts = Mapping[str, Sequence[str]]


def measure(data: Path) -> Iterator[Measure]:
    """Ours, and the development sets in modern languages."""
    yield from own()
    files = {language: data / f"{name}.iob2.tsv" for language, name in NEWS.items()}
    files |= {language: data / "ud-gsd" / f"{name}-ud-dev.conllu" for language, name in TREEBANKS.items()}
    if all(path.exists() for path in files.values()):
        texts = {language: list(_sentences(path)) for language, path in files.items()}
        yield from _measured("data", texts, files.values())


def own() -> Iterator[Measure]:
    """Our own sentences in 17 languages, which are everywhere."""
    texts: dict[str, list[str]] = defaultdict(list)
    for line in marked.lines(OWN):
        language, _, sentence = line.partition("\t")
        texts[language].append(sentence)
    files = [OWN]
    for language in NAMED:
        files.append(FOLDER / "dev" / f"{language}-news.txt")
        texts[language] = [marked.read(line).text for line in marked.lines(files[-1])]
    yield from _measured("own", texts, files)


def _sentences(path: Path) -> Iterator[str]:
    if path.suffix == ".conllu":
        lines = path.read_text(encoding="utf-8").splitlines()
        yield from (line.removeprefix("# text = ") for line in lines if line.startswith("# text = "))
    else:
        yield from (" ".join(one.words) for one in sentences(Corpus(_name(path), path)))


def _name(path: Path) -> str:
    """The name of a data set as ``corpora`` gives it."""
    return f"{path.parts[-3]}/{path.name}"


def _measured(name: str, texts: Texts, files: Iterable[Path]) -> Iterator[Measure]:
    digest = digest_of(sorted(files))
    short = {language: [_first_words(one) for one in found] for language, found in texts.items()}
    yield _mean(
        f"{name}/{WORDS}-words", {key: [*filter(None, found)] for key, found in short.items()}, digest
    )
    long = {language: list(_joined(found)) for language, found in texts.items()}
    yield _mean(f"{name}/{SENTENCES}-sentences", long, digest)


def _first_words(sentence: str) -> str:
    """The first words; nothing of a sentence that has fewer."""
    words = sentence.split()
    return " ".join(words[:WORDS]) if len(words) >= WORDS else ""


def _joined(found: Sequence[str]) -> Iterator[str]:
    for start in range(0, len(found) - SENTENCES + 1, SENTENCES):
        yield " ".join(found[start : start + SENTENCES])


def _mean(name: str, texts: Texts, digest: str) -> Measure:
    rates = {
        language: sum(identify(one, None).code == language for one in found) / len(found)
        for language, found in texts.items()
    }
    worst = sorted(rates, key=lambda language: (rates[language], language))[:3]
    detail = f"{len(rates)} languages, {sum(map(len, texts.values()))} texts; least " + " ".join(
        f"{language} {rates[language]:.3f}" for language in worst
    )
    return Measure("languages", name, sum(rates.values()) / len(rates), digest, detail)
