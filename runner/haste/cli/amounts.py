"""Amounts on the command line: numbers that are finite and above zero."""

from math import isfinite

import click


class Amount(click.ParamType[float]):
    """A number above zero, or not below it; never `nan` or `inf`."""

    name = "number"

    def __init__(self, *, zero: bool = False) -> None:
        """`zero`: whether 0 is an amount too."""
        self._zero = zero

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number that was typed; what is none is told with the option's name."""
        try:
            number = float(str(value))
        except ValueError:
            self.fail(f"{value!r} is no number", param, ctx)
        if not isfinite(number) or number < 0 or (number == 0 and not self._zero):
            self.fail(f"it must be {'0 or more' if self._zero else 'above 0'}, not {value}", param, ctx)
        return number
