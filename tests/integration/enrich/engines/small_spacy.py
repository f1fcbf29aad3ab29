"""A pipeline of spaCy that is made in seconds and knows a few names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.integration.enrich.engines.sentences import SENTENCES

STEPS = 20
RATE = 0.01
WIDTH = 32


def make(folder: Path) -> None:
    """Train a pipeline on the sentences, alone and together, and write it to the folder."""
    import spacy
    from spacy.training import Example
    from thinc.api import Adam, fix_random_seed

    fix_random_seed(1)
    nlp: Any = spacy.blank("it")  # it parts elisions as French does, and is there in a twentieth of the time
    nlp.add_pipe("ner", config={"model": _network()})
    texts = [*SENTENCES, (" ".join(text for text, _ in SENTENCES), {})]
    examples = [Example.from_dict(nlp.make_doc(text), {"entities": _entities(text)}) for text, _ in texts]
    nlp.initialize(lambda: examples)
    optimiser = Adam(RATE)
    for _ in range(STEPS):
        nlp.update(examples, sgd=optimiser, drop=0.0)
    nlp.meta["name"], nlp.meta["version"] = "small", "1.2.3"
    nlp.to_disk(folder)


def _entities(text: str) -> list[tuple[int, int, str]]:
    """Every name of the sentences at each of its places in the text."""
    names = {name: label for _, one in SENTENCES for name, label in one.items()}
    return [
        (at, at + len(name), label)
        for name, label in names.items()
        for at in range(len(text))
        if text.startswith(name, at)
    ]


def _network() -> dict[str, Any]:
    """The architecture of spaCy's small pipelines, narrow."""
    return {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": "ner",
        "extra_state_tokens": False,
        "hidden_width": WIDTH,
        "maxout_pieces": 1,
        "use_upper": True,
        "tok2vec": {
            "@architectures": "spacy.HashEmbedCNN.v2",
            "width": WIDTH,
            "depth": 1,
            "embed_size": 200,
            "window_size": 1,
            "maxout_pieces": 2,
            "subword_features": True,
            "pretrained_vectors": None,
        },
    }
