"""A GLiNER model in place of the built-in one; the ``gliner`` extra (it brings PyTorch)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from services.enrich.recognition.aligning import Claim
from services.enrich.recognition.errors import EngineUnavailable
from services.enrich.recognition.piecewise import recognise_in_pieces
from services.enrich.recognition.recognised import Recognised
from services.enrich.text import Token

LABELS = ("person", "location", "organization")
THRESHOLD = 0.5
"""The least score the model may give."""

MOST_WORDS = 384
"""Words that a model reads at once, if it could read more: its time grows with their square."""

MOST_SUBWORDS = 1_024
"""What the words may be cut into, with the question, if the model could read more."""

MOST_CHARACTERS = 4_000
"""A piece that is longer is not even counted."""

OFFSET = 2
"""Positions of an encoder that some (RoBERTa's kin) keep for themselves."""


class GlinerRecogniser:
    """The entities of a GLiNER model asked for people, places and organisations; threads take turns."""

    def __init__(self, model: str) -> None:
        """Load a folder or a model in the local cache, never from afar; raises ``EngineUnavailable``.

        PyTorch keeps to one core of the process from then on, as the built-in model does.
        """
        self._model = _loaded(model)
        self._turn = threading.Lock()
        self._words: Any = self._model.data_processor.words_splitter
        self._subwords: Any = self._model.data_processor.transformer_tokenizer
        self._most_words = min(MOST_WORDS, self._model.config.max_len)
        self._most_subwords = self._room()
        self.name = f"gliner:{Path(model).name}"
        self.version = _fingerprint(self._model)

    def recognise(self, text: str, tokens: Sequence[Token], language: str) -> list[Recognised]:
        """Names among the first ``MOST_TOKENS`` tokens, in any language the model knows."""
        del language
        with self._turn:
            return recognise_in_pieces(text, tokens, self._fits, self._claims)

    def _fits(self, piece: str) -> bool:
        """Whether the model reads all of it: the library cuts the rest off without a word."""
        if len(piece) > MOST_CHARACTERS:
            return False
        words = [word for word, _, _ in self._words(piece)]
        return len(words) <= self._most_words and len(self._word_of_each(words)) <= self._most_subwords

    def _claims(self, piece: str) -> Iterator[Claim]:
        for found in self._model.predict_entities(self._shown(piece), list(LABELS), threshold=THRESHOLD):
            label = {"person": "PER", "location": "LOC", "organization": "ORG"}[found["label"]]
            score = min(max(float(found["score"]), 0.0), 1.0)
            yield Claim(int(found["start"]), int(found["end"]), label, score)

    def _shown(self, piece: str) -> str:
        """The piece, with blanks for words of which the encoder sees nothing, as joiners between emoji.

        The library counts them, the encoder does not, and every name after them would be another word.
        """
        words = list(self._words(piece))
        seen = set(self._word_of_each([word for word, _, _ in words]))
        shown = [*piece]
        for index, (_, start, end) in enumerate(words):
            if index not in seen:
                shown[start:end] = " " * (end - start)
        return "".join(shown)

    def _room(self) -> int:
        """Subwords that are left of the encoder's positions when the question is asked."""
        config = self._model.config
        positions = getattr(config.encoder_config, "max_position_embeddings", None) or MOST_SUBWORDS
        asked = [word for label in LABELS for word in (config.ent_token, label)]
        question = self._word_of_each([*asked, config.sep_token], special=True)
        most = min(positions - OFFSET, MOST_SUBWORDS, self._subwords.model_max_length)
        return int(most) - len(question)

    def _word_of_each(self, words: Sequence[str], *, special: bool = False) -> list[int]:
        """The subwords that the encoder sees, each as the index of its word."""
        read = self._subwords(words, is_split_into_words=True, add_special_tokens=special)
        return list(read.word_ids())


def _loaded(model: str) -> Any:  # noqa: ANN401 the library has no types
    """The model in the memory of this process."""
    try:
        import torch
        from gliner import GLiNER
    except ImportError as error:
        raise EngineUnavailable("gliner", "install the extra: newsfeed[gliner]") from error
    torch.set_num_threads(1)
    try:
        return GLiNER.from_pretrained(model, local_files_only=True)
    except Exception as error:
        reason = f"neither a folder nor the local cache has such a model, or it is broken: {error}"
        raise EngineUnavailable(f"gliner:{model}", reason) from error


def _fingerprint(model: Any) -> str:  # noqa: ANN401 the library has no types
    """Tells these weights from all others: the folders of two models may have one name."""
    import torch

    digest = sha256()
    for name, weights in sorted(model.model.state_dict().items()):
        digest.update(name.encode())
        digest.update(weights.reshape(-1).contiguous().view(torch.uint8).numpy())
    return digest.hexdigest()[:12]
