"""The language of the newsfeed: what services may say, how it is remembered, what it means."""
