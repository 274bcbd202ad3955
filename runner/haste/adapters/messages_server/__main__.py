"""`python -m haste.adapters.messages_server`: a Messages API on this machine, to try a set-up without a key."""

import sys
import threading

import click

from haste.adapters.messages_server.bad_days import BAD_DAYS
from haste.adapters.messages_server.scripted import ScriptedClaude
from haste.adapters.messages_server.server import MessagesServer
from haste.adapters.messages_server.wire import Answerer, Script


@click.command()
@click.option("--port", default=8383, show_default=True, help="Where to listen, on 127.0.0.1.")
@click.option("--bad-day", type=click.Choice(sorted(BAD_DAYS)), help="Begin with this bad day, then answer.")
@click.option("--times", default=1, show_default=True, help="How often the bad day comes.")
def serve(port: int, bad_day: str | None, times: int) -> None:
    """Answer questions of the Claude engineer until Ctrl-C.

    Example: python -m haste.adapters.messages_server --bad-day overloaded
    """
    answer: Answerer = ScriptedClaude()
    if bad_day is not None:
        answer = Script(*[BAD_DAYS[bad_day]] * times, after=answer)
    with MessagesServer(answer, models=None, port=port) as server:
        click.echo(f"export ANTHROPIC_BASE_URL={server.base_url}")
        click.echo("haste-run solve COMPETITION --engineer claude", err=True)
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    serve()
