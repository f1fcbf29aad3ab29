"""Our own tests use the fixtures that users get."""

pytest_plugins = ["newsfeed.testing.fixtures"]
