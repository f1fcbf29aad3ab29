"""Make the model anew: ``python -m services.enrich.training [--data DIR] [--work DIR]``."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from services.enrich.training.corpora import data_folder
from services.enrich.training.fitting import shipped
from services.enrich.training.pipeline import MODEL, STYLE, STYLE_SHARE, Pipeline
from services.enrich.training.release import MODEL_FOLDER, release, write_card

log = logging.getLogger("train")


def main() -> None:
    """Train, or go on where a training stopped, and write weights, card and sums into the package."""
    parser = argparse.ArgumentParser(prog="python -m services.enrich.training", description=__doc__)
    parser.add_argument("--data", type=Path, help="the folder of the data sets")
    parser.add_argument("--work", type=Path, default=Path("var/training"), help="where the stages are kept")
    parser.add_argument(
        "--card", action="store_true", help="only measure the weights that are there, and write the card"
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    folder = data_folder(options.data)
    if not options.card:
        parameters = Pipeline(folder, options.work, log.info).model()
        release(shipped(parameters, MODEL, STYLE, STYLE_SHARE), folder, MODEL_FOLDER)
    write_card(folder, MODEL_FOLDER)


if __name__ == "__main__":
    main()
