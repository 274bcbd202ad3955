"""Named arrays in a file, and a digest over their content that no timestamp touches."""

import hashlib
import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from haste.adapters.competitions.places import write_whole
from haste.errors import WorkspaceError

Arrays = Mapping[str, NDArray[Any]]


def save_arrays(path: Path, arrays: Arrays) -> str:
    """Write the arrays so that they are there whole or not at all; returns their digest."""
    plain = {name: _plain(array) for name, array in arrays.items()}
    body = io.BytesIO()
    np.savez(body, **plain)  # type: ignore[arg-type]
    write_whole(path, body.getvalue())
    return digest(plain)


def load_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Read arrays back. Raises WorkspaceError where the file is gone or broken."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as loaded:
            return {name: loaded[name] for name in loaded.files}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, EOFError) as error:
        raise WorkspaceError(
            f"{path.name} is gone or broken: {path}",
            hint="what it held is made again by running the solution again",
        ) from error


def digest(arrays: Arrays) -> str:
    """SHA-256 over the names, shapes, types and values of arrays."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(_plain(arrays[name]))
        total.update(f"{name}\0{array.dtype.str}\0{array.shape}\0".encode())
        total.update(array.tobytes())
    return total.hexdigest()


def _plain(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype == object:
        return np.array([str(v) for v in array], dtype=np.str_)
    return array.astype(array.dtype.newbyteorder("<"))
