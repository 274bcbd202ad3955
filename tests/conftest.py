"""What holds for every test: nothing of the user's git is seen or touched, and an interrupt can be felt."""

import signal

pytest_plugins = ("isolated_git",)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A suite that was started in the background ignores interrupts, and so would every process that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
