"""The library's derivation files, read once."""

from functools import cache

from verifier.commands.recheck import beside_the_proofs
from verifier.library import catalogue
from verifier.library.derivations import derivation
from verifier.recheck import store
from verifier.recheck.document import read


@cache
def contents():
    found = {}
    for name, result in catalogue.load().items():
        if not result.module.startswith("proofs."):
            continue
        theorem = result.run().theorem
        assert theorem is not None, name
        found[name] = derivation(theorem)
    return found


@cache
def documents():
    return {name: read(name, content) for name, content in contents().items()}


@cache
def certificates():
    return store.load(beside_the_proofs())
