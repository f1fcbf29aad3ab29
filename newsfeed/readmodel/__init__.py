"""Read models: pure folds of the log, and queries over them."""
