"""The page of a run needs nothing else and believes nobody."""

import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cli.conftest import Haste
from haste.adapters.event_files import EventFiles
from haste.adapters.fakes import TickingClock
from haste.cli.chart import score_chart
from haste.core import events as e
from haste.projections.run_report import BestPoint
from log.story import FAILED, PLAIN, RUN, Teller, tell_prototypes, tell_start

VOID = {"meta", "br", "link", "img", "hr", "input"}


class Tags(HTMLParser):
    """Every tag of a page, and whether they are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page(haste: Haste, run: str, folder: Path) -> str:
    said = haste("runs", "report", run, "--html", str(folder / "page.html"))
    assert said.code == 0, said.err
    return (folder / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("run", [RUN, PLAIN, FAILED])
def test_a_page_is_well_formed_and_asks_for_nothing(told: Path, haste: Haste, run: str) -> None:
    text = page(haste, run, told)
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    assert not {tag for tag, _ in tags.seen} & {"script", "link", "img", "iframe", "object", "form"}
    assert not [a for _, attrs in tags.seen for a in attrs if a in ("src", "href", "srcset") or a.startswith("on")]
    assert "url(" not in text
    assert "default-src 'none'" in text
    assert run in text


def test_it_tells_the_whole_run(told: Path, haste: Haste) -> None:
    text = re.sub(r"\s+", " ", page(haste, RUN, told))
    for words in (
        "8.75 ± 0.12", "medal: silver", "Toy prices – Größe zählt", "better by +0.93 ± 0.033 over 3 folds",
        "UNDERFITTING",
        "skills: log-target", "+9.3 %", "KeyError: &#39;aera&#39;", "no proposal to improve: no move is left",
        "A log target helps skewed prices", "12 rows stand twice", "4,900", "lightgbm 4.7.0",
        EventFiles(told / "events").read(RUN)[-1].envelope.hash,
    ):  # fmt: skip
        assert words in text


def test_what_others_wrote_is_never_markup(workspace: Path, haste: Haste) -> None:
    log = EventFiles(workspace / "events", TickingClock())
    teller = Teller(log)
    tell_start(teller)
    evil = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
    tell_prototypes(teller)
    teller.tell(
        RUN,
        e.SolutionProposed(solution=teller.solution(9, evil, None)),
        e.SolutionScored(solution="s009", score=9.0, error=None, folds=1),
        e.SolutionRejected(purpose="improve", reason=evil),
        e.RunFailed(reason=evil),
    )
    log.close()
    text = page(haste, RUN, workspace)
    assert "<script" not in text
    assert "<img" not in text
    tags = Tags()
    tags.feed(text)
    assert tags.open == []


def point(score: float, best: float, outcome: str = "kept") -> BestPoint:
    return BestPoint(solution="s001", move='a <b> & "c"', score=score, best=best, outcome=outcome)


@pytest.mark.parametrize(
    "scores",
    [
        [0.5],
        [0.5, 0.5],
        [0.0, 0.0],
        [1e-9, 2e-9],
        [-5.0, 3.0],
        [1e6, 1.1e6, 1e12],
        [0.7, 0.71, 0.69, 0.7, 0.72, 12345.0],
    ],
)
def test_a_chart_of_any_scores_is_sound_and_stays_inside(scores: list[float]) -> None:
    svg = ElementTree.fromstring(
        score_chart([point(s, max(scores[: i + 1])) for i, s in enumerate(scores)], metric="auc")
    )
    marks = svg.findall("circle")
    assert len(marks) == len(scores)
    assert all(0 <= float(m.get("cx", "")) <= 860 and 0 <= float(m.get("cy", "")) <= 300 for m in marks)
    labels = [t.text for t in svg.findall("text")]
    assert len(labels) == len(set(labels))
    assert 3 <= len(labels) <= 12


def test_no_scores_no_chart() -> None:
    assert score_chart([], metric="auc") == ""
