"""Which results there are: those stated in ``proofs`` and in the packages a user names."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterable
from pathlib import Path

from verifier.errors import BadInput, VerifierError
from verifier.proving import REGISTRY, Result
from verifier.proving.leaves import KEEPER
from verifier.solving.store import FILE

PROOFS = ("proofs",)


def load(packages: Iterable[str] = PROOFS) -> dict[str, Result]:
    """Import every module of the packages; gives all results by name, imported ones too.

    Parameters
    ----------
    packages:
        Importable names, seen from the working folder too, or paths of Python files.

    Raises
    ------
    BadInput
        If a package cannot be imported, or states what cannot be stated.
    """
    if "" not in sys.path and str(Path.cwd()) not in sys.path:
        # Last, so that nothing in the working folder hides an installed package.
        sys.path.append(str(Path.cwd()))
    for package in packages:
        try:
            _load(package)
        except (ImportError, SyntaxError, VerifierError) as error:
            raise BadInput(package, f"cannot be imported: {error}") from error
        KEEPER.use(certificates_of(package))
    return REGISTRY


def certificates_of(package: str) -> Path:
    """Where the certificates of a package are kept: in its folder, or beside its file."""
    if package.endswith(".py"):
        return Path(package).with_suffix(f".{FILE}")
    found = sys.modules[package]
    if hasattr(found, "__path__"):
        return Path(next(iter(found.__path__))) / FILE
    return Path(found.__file__ or package).with_suffix(f".{FILE}")


def _load(package: str) -> None:
    if package.endswith(".py"):
        _load_file(Path(package))
        return
    found = importlib.import_module(package)
    for module in pkgutil.walk_packages(getattr(found, "__path__", []), f"{package}."):
        importlib.import_module(module.name)


def _load_file(path: Path) -> None:
    name = _module_of(path.as_posix())
    if name in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ImportError("there is no such Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise


def _module_of(package: str) -> str:
    return Path(package).stem if package.endswith(".py") else package


def stated_in(packages: Iterable[str] = PROOFS) -> list[Result]:
    """The results the packages state themselves, in order of statement."""
    roots = [_module_of(p) for p in packages]
    return [
        r
        for r in REGISTRY.values()
        if any(r.module == root or r.module.startswith(f"{root}.") for root in roots)
    ]


def find(names: Iterable[str]) -> list[Result]:
    """The results of given names.

    Raises
    ------
    BadInput
        For a name that no result carries, with the nearest one that exists.
    """
    found = []
    for name in names:
        if name not in REGISTRY:
            near = difflib.get_close_matches(name, REGISTRY, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise BadInput(name, f"no result has this name{hint}")
        found.append(REGISTRY[name])
    return found
