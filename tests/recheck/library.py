"""The library's derivation files, read once."""

from functools import cache

from verifier.library import catalogue
from verifier.library.derivations import derivation
from verifier.recheck.document import read
from verifier.recheck.polynomials import address
from verifier.recheck.structure import leaves


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
    """The certificates of the library's leaves, by the addresses of these."""
    return {
        address(leaf.premises, leaf.goal): leaf.certificate
        for document in documents().values()
        for leaf in leaves(document)
    }
