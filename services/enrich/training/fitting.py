"""Training of the network, in JAX on one core."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from services.enrich.recognition.features import BUCKETS
from services.enrich.recognition.tags import TAGS
from services.enrich.training.batching import Batch, Words, batches, numbered
from services.enrich.training.corpora import FAMILIES, Sentence

Arrays = dict[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a training is told: sizes, rates (all in [0, 1]) and the seed."""

    embedding: int = 64
    hidden: int = 128
    reaches: tuple[int, ...] = (1, 1, 1)
    batch_words: int = 4096
    learning_rate: float = 3e-3
    dropout: float = 0.15
    word_dropout: float = 0.3
    style_dropout: float = 0.3
    smoothing: float = 0.0
    passes: int = 1
    seed: int = 0


def fit(
    sentences: Sequence[Sentence], plan: Plan, say: Callable[[str], None], start: Arrays | None = None
) -> Arrays:
    """Trained parameters: ``embeddings``, ``styles`` and those of the layers; ``start`` is trained on."""
    import jax

    words = Words()
    items = numbered(sentences, words)
    table = words.table()
    draw = random.Random(plan.seed)
    per_pass = sum(1 for _ in batches(items, table, plan.batch_words, random.Random(plan.seed)))
    step, state = _stepper(plan, per_pass * plan.passes, start or initial(plan))
    key = jax.random.PRNGKey(plan.seed)
    say(f"{len(items)} sentences, {sum(len(item[0]) for item in items)} words, {len(table)} different")
    begun, done, losses = time.monotonic(), 0, 0.0
    for _ in range(plan.passes):
        for batch in batches(items, table, plan.batch_words, draw):
            key, own = jax.random.split(key)
            state, loss = step(state, batch, own, done)
            done, losses = done + 1, losses + float(loss)
            if done % 100 == 0:
                seconds = time.monotonic() - begun
                say(f"step {done}/{per_pass * plan.passes}: loss {losses / 100:.4f}, {seconds:.0f} s")
                losses = 0.0
    return {name: np.asarray(value) for name, value in state[0].items()}


def averaged(several: Sequence[Arrays]) -> Arrays:
    """The mean of parameters that were trained from one start."""
    return {name: np.mean([one[name] for one in several], axis=0) for name in several[0]}


def initial(plan: Plan) -> Arrays:
    """Parameters before the first step."""
    draw = np.random.default_rng(plan.seed)
    size = plan.hidden

    def normal(*shape: int, scale: float = 0.0) -> npt.NDArray[np.float32]:
        return (draw.standard_normal(shape) * (scale or math.sqrt(2 / shape[0]))).astype(np.float32)

    parameters = {
        "embeddings": normal(BUCKETS, plan.embedding, scale=0.1),
        "styles": np.zeros((len(FAMILIES) + 1, size), np.float32),
        "weights": normal(plan.embedding, size),
        "bias": np.zeros(size, np.float32),
        "out": normal(size, len(TAGS), scale=0.05),
        "out_bias": np.zeros(len(TAGS), np.float32),
    }
    for index in range(len(plan.reaches)):
        parameters |= {
            f"weights{index}": normal(3 * size, size),
            f"bias{index}": np.zeros(size, np.float32),
            f"gain{index}": np.ones(size, np.float32),
            f"shift{index}": np.zeros(size, np.float32),
        }
    return parameters


def _stepper(plan: Plan, total: int, start: Arrays) -> tuple[Callable[[Any, Batch, Any, int], Any], Any]:
    """A compiled step and its first state: parameters and optimiser."""
    import jax
    import jax.numpy as jnp
    import optax

    rate = optax.warmup_cosine_decay_schedule(
        0, plan.learning_rate, min(200, total // 10), total, plan.learning_rate * 0.02
    )
    optimiser = optax.chain(optax.clip_by_global_norm(5.0), optax.scale_by_adam(b2=0.98))
    parameters = {name: jnp.asarray(value) for name, value in start.items()}

    def update(state: Any, arrays: Any, key: Any, size: Any) -> Any:
        current, memory = state
        loss, gradient = jax.value_and_grad(_loss)(current, arrays, key, plan)
        change, memory = optimiser.update(gradient, memory, current)
        current = jax.tree_util.tree_map(lambda old, new: old - size * new, current, change)
        return (current, memory), loss

    compiled = jax.jit(update)

    def step(state: Any, batch: Batch, key: Any, done: int) -> Any:
        arrays = (batch.rows, batch.words, batch.tags, batch.mask, batch.styles)
        return compiled(state, arrays, key, jnp.float32(rate(done)))

    return step, (parameters, optimiser.init(parameters))


def _loss(parameters: Any, arrays: Any, key: Any, plan: Plan) -> Any:
    """Mean cross entropy of the words."""
    import optax

    rows, words, tags, mask, styles = arrays
    scores = _forward(parameters, (rows, words, mask, styles), key, plan)
    wanted = optax.smooth_labels(_one_hot(tags), plan.smoothing)
    losses = optax.softmax_cross_entropy(scores, wanted)
    return (losses * mask).sum() / mask.sum()


def _one_hot(tags: Any) -> Any:
    import jax

    return jax.nn.one_hot(tags, len(TAGS))


def _forward(parameters: Mapping[str, Any], arrays: Any, key: Any, plan: Plan) -> Any:
    """Scores ``[sentences, length, tags]``; every dropout is active."""
    import jax
    import jax.numpy as jnp

    rows, words, mask, styles = arrays
    own, styled, *keys = jax.random.split(key, 2 + len(plan.reaches))
    present = (rows > 0).astype(jnp.float32)
    kept = jax.random.bernoulli(own, 1 - plan.word_dropout, (len(rows), 2)).astype(jnp.float32)
    present = jnp.concatenate([present[:, :2] * kept, present[:, 2:]], 1)
    summed = jnp.einsum("wfe,wf->we", parameters["embeddings"][rows], present)
    vectors = summed / jnp.sqrt(present.sum(1, keepdims=True) + 1e-6) @ parameters["weights"]
    known = jax.random.bernoulli(styled, 1 - plan.style_dropout, styles.shape)
    style = parameters["styles"][styles * known]
    blank = mask[..., None]
    state = jax.nn.relu(vectors[words] + parameters["bias"] + style[:, None]) * blank
    for index, (reach, own) in enumerate(zip(plan.reaches, keys, strict=True)):
        keep = jax.random.bernoulli(own, 1 - plan.dropout, state.shape)
        state = _convolve(state * keep / (1 - plan.dropout), parameters, index, reach) * blank
    return state @ parameters["out"] + parameters["out_bias"]


def _convolve(state: Any, parameters: Mapping[str, Any], index: int, reach: int) -> Any:
    import jax
    import jax.numpy as jnp

    none = jnp.zeros_like(state[:, :reach])
    before = jnp.concatenate([none, state[:, :-reach]], 1)
    after = jnp.concatenate([state[:, reach:], none], 1)
    wide = jnp.concatenate([before, state, after], -1)
    new = state + jax.nn.relu(wide @ parameters[f"weights{index}"] + parameters[f"bias{index}"])
    centred = new - new.mean(-1, keepdims=True)
    spread = jnp.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
    return centred / spread * parameters[f"gain{index}"] + parameters[f"shift{index}"]


def shipped(
    parameters: Arrays, plan: Plan, family: str, share: float = 1.0
) -> dict[str, npt.NDArray[np.generic]]:
    """What the model file holds: an int8 table with a scale per row, the rest as float16.

    The style of ``family``, at its share in [0, 1] beside that of no set in particular, goes into the bias.
    """
    table = parameters["embeddings"]
    scales = np.abs(table).max(1) / 127 + 1e-12
    style = np.average(
        parameters["styles"][[0, FAMILIES.index(family) + 1]], axis=0, weights=[1 - share, share]
    )
    arrays: dict[str, npt.NDArray[np.generic]] = {
        name: value.astype(np.float16)
        for name, value in parameters.items()
        if name not in {"embeddings", "styles", "bias"}
    }
    arrays |= {
        "table": np.round(table / scales[:, None]).astype(np.int8),
        "scales": scales.astype(np.float16),
        "bias": (parameters["bias"] + style).astype(np.float16),
        "reaches": np.array(plan.reaches, np.int8),
    }
    return arrays
