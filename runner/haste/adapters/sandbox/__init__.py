"""Where scripts run that nobody has read."""

from haste.adapters.sandbox.choose import open_sandbox
from haste.adapters.sandbox.probe import SandboxReport, probe
from haste.adapters.sandbox.results import open_result

__all__ = ["SandboxReport", "open_result", "open_sandbox", "probe"]
