"""Named entities in running text: the built-in model and the engines that may replace it."""
