"""Which results there are: those stated in ``proofs`` and in the packages a user names."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable

from verifier.errors import BadInput
from verifier.proving import REGISTRY, Result


def load(packages: Iterable[str] = ("proofs",)) -> dict[str, Result]:
    """Import every module of the packages; gives the results by name.

    Raises
    ------
    BadInput
        If a package cannot be imported.
    """
    for package in packages:
        try:
            found = importlib.import_module(package)
            for module in pkgutil.walk_packages(getattr(found, "__path__", []), f"{package}."):
                importlib.import_module(module.name)
        except ImportError as error:
            raise BadInput(package, f"cannot be imported: {error}") from error
    return REGISTRY
