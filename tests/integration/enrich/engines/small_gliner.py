"""A GLiNER model that is made in seconds and knows a few names."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Any

from tests.integration.enrich.engines.sentences import SENTENCES

STEPS = 150
WIDTH = 32
POSITIONS = 96
"""Subwords that the encoder reads at once."""
WORDS = 48
"""Words that the model reads at once."""

LABELS = {"PER": "person", "LOC": "location", "ORG": "organization"}
SIGNS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LETTERS = [chr(code) for code in (*range(0x21, 0x250), *range(0x400, 0x460))]


def make(folder: Path, kind: str = "bert", *, steps: int = STEPS, **more: Any) -> None:  # noqa: ANN401 no types
    """Train a model on pairs of the sentences and write it to the folder as the library does.

    ``kind`` is that of the encoder; ``more`` goes into the configuration of the model.
    """
    import torch

    torch.manual_seed(1)
    torch.set_num_threads(1)
    model = _model(folder / "tokeniser", kind, more)
    collate = model.data_collator_class(
        model.config, data_processor=model.data_processor, prepare_labels=True
    )
    pairs = [_example(model, one, other) for one, other in product(SENTENCES, repeat=2)]
    optimiser = torch.optim.Adam([one for one in model.parameters() if one.requires_grad], lr=3e-3)
    model.train()
    for _ in range(steps):
        model(**collate(pairs)).loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    model.save_pretrained(folder, safe_serialization=True)


def _model(tokeniser: Path, kind: str, more: dict[str, Any]) -> Any:  # noqa: ANN401 the library has no types
    """One that knows nothing yet, with an encoder of two narrow layers."""
    from gliner import GLiNER
    from gliner.config import GLiNERConfig

    subwords = _subwords()
    subwords.save_pretrained(tokeniser)
    encoder = {
        "model_type": kind,
        "vocab_size": len(subwords),
        "hidden_size": WIDTH,
        "intermediate_size": 2 * WIDTH,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": POSITIONS,
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
    }
    config = GLiNERConfig(
        model_name=str(tokeniser),
        encoder_config=encoder,
        hidden_size=WIDTH,
        dropout=0.0,
        max_len=WORDS,
        max_width=4,
        num_rnn_layers=0,
        embed_ent_token=False,  # what it is asked for is known by its word
        **more,
    )
    model = GLiNER.from_config(config, backbone_from_pretrained=False, local_files_only=True)
    for name, weights in model.named_parameters():
        if "position_embeddings" in name:  # a name is one wherever it stands
            weights.data.zero_()
            weights.requires_grad_(requires_grad=False)
    return model


def _subwords() -> Any:  # noqa: ANN401 the library has no types
    """Whole words for those of the sentences, letters for all others."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = re.findall(r"\w+", " ".join([*LABELS.values(), *(text for text, _ in SENTENCES)]))
    known = dict.fromkeys([*SIGNS, *words, *LETTERS, *(f"##{letter}" for letter in LETTERS)])
    signs = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SIGNS, strict=True))
    vocabulary = {word: at for at, word in enumerate(known)}
    tokeniser = Tokenizer(models.WordPiece(vocabulary, unk_token=signs["unk_token"]))
    tokeniser.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokeniser.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    around = [(sign, vocabulary[sign]) for sign in ("[CLS]", "[SEP]")]
    tokeniser.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=around)
    return PreTrainedTokenizerFast(tokenizer_object=tokeniser, **signs)


def _example(model: Any, *sentences: tuple[str, dict[str, str]]) -> dict[str, Any]:  # noqa: ANN401 no types
    """Sentences after each other as the words and spans that the library learns from."""
    words: list[str] = []
    spans: list[tuple[int, int, str]] = []
    for text, names in sentences:
        cut = list(model.data_processor.words_splitter(text))
        starts, ends = [start for _, start, _ in cut], [end for _, _, end in cut]
        for name, label in names.items():
            at = text.index(name)
            first, last = starts.index(at), ends.index(at + len(name))
            spans.append((len(words) + first, len(words) + last, LABELS[label]))
        words += [word for word, _, _ in cut]
    return {"tokenized_text": words, "ner": spans}
