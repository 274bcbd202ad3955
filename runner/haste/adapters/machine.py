"""What this machine and this installation are: recorded with every run, shown to engineers."""

import os
import platform
from importlib import metadata

from haste.adapters.sandbox.gpus import GpuProbe, NvidiaProbe

PACKAGES = (
    "numpy",
    "pandas",
    "scikit-learn",
    "joblib",
    "scipy",
    "lightgbm",
    "catboost",
    "xgboost",
    "torch",
    "statsmodels",
    "scikit-image",
    "pillow",
)
"""Libraries that a solution may import where they are installed."""


def environment(gpus: GpuProbe | None = None) -> dict[str, str]:
    """Cores, memory in bytes, GPUs, Python, platform, and the versions of the packages a solution may use."""
    facts = {
        "cores": str(cores()),
        "memory_bytes": str(memory_bytes()),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "haste": metadata.version("haste-runner"),
    }
    if names := (gpus or NvidiaProbe()).names():
        facts["gpu"] = ", ".join(names)
    return facts | {f"package {name}": version for name, version in installed().items()}


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_bytes() -> int:
    """Physical memory of the machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def installed() -> dict[str, str]:
    """Versions of the packages a solution may use, those that are there."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
