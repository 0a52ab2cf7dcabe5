"""A Postwatch with something to watch: what `make run` shows to somebody who has nothing of their own yet."""
