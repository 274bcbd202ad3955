"""What holds for every test: nothing of the user's git is seen or touched."""

pytest_plugins = ("isolated_git",)
