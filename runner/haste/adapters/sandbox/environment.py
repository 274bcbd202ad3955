"""The environment of a script: what it needs, by name, and nothing of the runner's."""

import sys
from pathlib import Path

from haste.adapters.sandbox.libraries import extra_libraries

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
    "PYTHON_CPU_COUNT",
)


def script_environment(threads: int, temporary: str) -> dict[str, str]:
    """Every variable a script sees, but for its home and its GPU, which are set when it starts."""
    variables = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "MPLBACKEND": "Agg",
        "TOKENIZERS_PARALLELISM": "false",
        "OMP_WAIT_POLICY": "PASSIVE",
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        **dict.fromkeys(THREAD_VARIABLES, str(max(1, threads))),
    }
    if temporary:
        variables["JOBLIB_TEMP_FOLDER"] = temporary
    if extra_libraries():
        variables["PYTHONPATH"] = ":".join(map(str, extra_libraries()))
    return variables
