"""What tests of newsfeed, and of programs that stand on it, need: builders of facts and documents."""
