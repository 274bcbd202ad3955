"""A run as one page that needs nothing else: no script, no font, no request. Made from its event log alone."""

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from haste.cli.chart import score_chart
from haste.cli.telling import count, gain_text, score_text, seconds_text
from haste.projections.run_report import RunReport


def render(report: RunReport) -> str:
    """The page of a run."""
    environment = Environment(
        loader=PackageLoader("haste.cli"),
        autoescape=True,  # titles, reasons and outputs were written by others
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"score": score_text, "gain": gain_text, "duration": seconds_text, "count": count}
    chart = Markup(score_chart(report.curve, metric=report.summary.metric))  # noqa: S704  (numbers; names are escaped)
    return environment.get_template("run.html.j2").render(report=report, told=report.summary, chart=chart)
