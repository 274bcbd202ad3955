"""Money and tokens: what a question may cost at most is reserved before it is asked, and settled by its usage."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from haste.core.events import Usage
from haste.core.messages import Question
from haste.errors import SettingsError
from haste.settings import Settings

MILLION = 1_000_000
BYTES_PER_TOKEN = 2.5
"""Text has three to four bytes a token; fewer are assumed, so that a reservation errs upwards."""
_LIMITS = ("context", "max_output", "cache_from")
SMALLEST_OUTPUT = 4_000
"""With room for fewer output tokens than this a question is not asked."""


@dataclass(frozen=True)
class Rates:
    """Dollars per million tokens."""

    input: float = 0.0
    output: float = 0.0
    cache_read: float = 0.0
    cache_write: float = 0.0


@dataclass(frozen=True)
class Model:
    """What is known of a model: prices, limits, features. `note` says what had to be assumed."""

    name: str
    rates: Rates
    long_from: int | None = None
    long_rates: Rates = Rates()
    context: int = 200_000
    max_output: int = 32_000
    cache_from: int = 1_024
    thinking: bool = False
    effort: bool = False
    note: str = ""

    def rates_for(self, prompt_tokens: int) -> Rates:
        """The prices of a question with a prompt of this length."""
        return self.long_rates if self.long_from is not None and prompt_tokens > self.long_from else self.rates

    def cost(self, usage: Usage) -> float:
        """Dollars for what an answer used."""
        prompt = usage.input_tokens + usage.cache_creation_input_tokens + usage.cache_read_input_tokens
        rates = self.rates_for(prompt)
        parts = (
            (usage.input_tokens, rates.input),
            (usage.cache_creation_input_tokens, rates.cache_write),
            (usage.cache_read_input_tokens, rates.cache_read),
            (usage.output_tokens, rates.output),
        )
        return sum(tokens * rate for tokens, rate in parts) / MILLION

    def cost_at_most(self, input_tokens: int, output_tokens: int) -> float:
        """Dollars if nothing comes from the cache, everything goes into it, and the answer fills its limit."""
        rates = self.rates_for(input_tokens)
        dearest = max(rates.input, rates.cache_write)
        return (input_tokens * dearest + output_tokens * rates.output) / MILLION


@cache
def _table() -> dict[str, Any]:
    text = files("haste.engineers.claude").joinpath("prices.toml").read_text("utf-8")
    return tomllib.loads(text)


def dated() -> str:
    """When the shipped prices were read off."""
    return str(_table()["dated"])


def find_model(name: str, prices: Mapping[str, Mapping[str, float]]) -> Model:
    """What is known of a model; `prices` are the user's. An unknown Claude counts as the dearest one there is."""
    known: dict[str, dict[str, Any]] = _table()["models"]
    plain = _plain(name)
    if plain in known:
        model = _of_row(name, known[plain])
    elif plain:
        dearest = max(known, key=lambda k: float(known[k]["output"]))
        note = f"no price is known for {name}: counted as {dearest}, the dearest; haste.toml can say"
        model = replace(_of_row(name, known[dearest]), note=note)
    else:
        model = Model(name, Rates(), note=f"no price is known for {name}: counted as free; haste.toml can say")
    own = prices.get(name)
    return model if own is None else _overridden(model, own)


def _plain(name: str) -> str:
    """`claude-sonnet-4-6` for every way in which gateways spell it, dates cut off; '' for no Claude at all."""
    found = re.search(r"claude-[a-z]+-\d+(?:[-.]\d{1,2}(?!\d))*", name)
    return found.group().replace(".", "-") if found else ""


def check_prices(prices: Mapping[str, Mapping[str, float]]) -> None:
    """Raises SettingsError with every problem of the user's prices."""
    known = {*Rates.__dataclass_fields__, *_LIMITS}
    problems = [
        f"[run.prices.{name!r}] has {key!r}; known are {', '.join(sorted(known))}"
        for name, own in prices.items()
        for key in own
        if key not in known
    ]
    problems += [
        f"[run.prices.{name!r}] {key} is negative" for name, own in prices.items() for key in own if own[key] < 0
    ]
    if problems:
        raise SettingsError("of this run", problems, hint="prices are dollars per million tokens")


def _of_row(name: str, row: Mapping[str, Any]) -> Model:
    long = row.get("long")
    return Model(
        name=name,
        rates=_rates(row),
        long_from=None if long is None else int(long["from"]),
        long_rates=Rates() if long is None else _rates(long),
        context=int(row["context"]),
        max_output=int(row["max_output"]),
        cache_from=int(row["cache_from"]),
        thinking=bool(row.get("thinking", False)),
        effort=bool(row.get("effort", False)),
    )


def _rates(row: Mapping[str, Any]) -> Rates:
    return Rates(*(float(row[k]) for k in ("input", "output", "cache_read", "cache_write")))


def _overridden(model: Model, own: Mapping[str, float]) -> Model:
    """The user's prices; what they leave out follows from their input price as it does at Anthropic."""
    price = own.get("input", model.rates.input)
    rates = Rates(
        input=price,
        output=own.get("output", 5 * price),
        cache_read=own.get("cache_read", 0.1 * price),
        cache_write=own.get("cache_write", 2 * price),
    )
    limits = {k: int(own[k]) for k in _LIMITS if k in own}
    return replace(model, rates=rates, long_from=None, note="", **limits)  # type: ignore[arg-type]


def tokens_in(question: Question) -> int:
    """Input tokens of a question, estimated upwards."""
    return int(question.characters / BYTES_PER_TOKEN) + 50


@dataclass(frozen=True)
class Reservation:
    """What is set aside for one question: dollars, and output tokens, which are its `max_tokens` as well."""

    usd: float
    output_tokens: int


@dataclass(frozen=True)
class Short:
    """The next question can't be paid: which budget is short, and the figures."""

    budget: Literal["usd", "tokens"]
    detail: str


class Ledger:
    """One run's account. `spent_*` is what its log says; what is reserved is not spent until it is settled."""

    def __init__(self, model: Model, settings: Settings, *, spent_usd: float, spent_tokens: int) -> None:
        self.model = model
        self.max_usd = settings.max_usd
        self.max_tokens = settings.max_tokens
        self.spent_usd = spent_usd
        self.spent_tokens = spent_tokens

    @property
    def kept_back_usd(self) -> float:
        """Dollars that the search leaves for the learnings: one such question, at most a fifth of all."""
        return min(0.2 * self.max_usd, self.model.cost_at_most(12_000, 6_000))

    @property
    def kept_back_tokens(self) -> int:
        """Output tokens that the search leaves for the learnings."""
        return min(self.max_tokens // 5, 6_000)

    def reserve(self, input_tokens: int, output_tokens: int, *, at_the_end: bool) -> Reservation | Short:
        """Set aside what a question may cost at most, with a shorter answer where the full one can't be paid."""
        wanted = min(output_tokens, self.model.max_output)
        smallest = min(wanted, SMALLEST_OUTPUT)
        if self.max_tokens:
            left = self.max_tokens - self.spent_tokens - (0 if at_the_end else self.kept_back_tokens)
            if left < smallest:
                return Short("tokens", self._tokens_left(at_the_end))
            wanted = min(wanted, left)
        money = self.max_usd - self.spent_usd - (0.0 if at_the_end else self.kept_back_usd)
        for tokens in (wanted, self._affordable(input_tokens, wanted, money)):
            usd = self.model.cost_at_most(input_tokens, tokens)
            if tokens >= smallest and usd <= money:
                return Reservation(usd=usd, output_tokens=tokens)
        return Short("usd", self._money_left(self.model.cost_at_most(input_tokens, smallest), at_the_end))

    def settle(self, usage: Usage) -> float:
        """Dollars for what was used; they are spent from now on."""
        usd = self.model.cost(usage)
        self.spend(usd, usage.output_tokens)
        return usd

    def spend(self, usd: float, tokens: int) -> None:
        """Book what was spent without an answer."""
        self.spent_usd += usd
        self.spent_tokens += tokens

    def _affordable(self, input_tokens: int, wanted: int, money: float) -> int:
        rate = self.model.rates_for(input_tokens).output
        rest = money - self.model.cost_at_most(input_tokens, 0)
        return wanted if rate == 0 else min(wanted, max(0, int(rest * MILLION / rate)))

    def _money_left(self, need: float, at_the_end: bool) -> str:
        kept = "" if at_the_end else f", ${self.kept_back_usd:.2f} of it kept back for the learnings"
        left = max(0.0, self.max_usd - self.spent_usd)
        return f"${left:.4f} of ${self.max_usd:.2f} left{kept}; the next question may cost ${need:.4f}"

    def _tokens_left(self, at_the_end: bool) -> str:
        kept = "" if at_the_end else f", {self.kept_back_tokens} of them kept back for the learnings"
        rest = max(0, self.max_tokens - self.spent_tokens)
        return f"{rest} of {self.max_tokens} output tokens left{kept}; the next answer needs {SMALLEST_OUTPUT}"
