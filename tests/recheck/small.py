"""A small derivation file, by hand, that attacks start from; and a way to write it."""

import copy
import json

# ⊢ ∀x. twice(x) = x + x, by its definition, beside ⊢ ∀x. x ≤ x by a leaf.
SMALL = {
    "format": "verifier-derivation/2",
    "name": "small",
    "symbols": [
        {"name": "twice", "sort": "Real", "parameters": [0], "body": 5, "measure": None,
         "successor": None},
        {"name": "power", "sort": "Int", "parameters": [6, 7], "body": 9, "measure": 7,
         "successor": 11},
    ],
    "terms": [
        ["variable", "x", "Real"],                     # 0
        ["<=", 0, 0],                                  # 1
        ["bound", 0, "Real"],                          # 2
        ["<=", 2, 2],                                  # 3
        ["forall", [["x", "Real"]], 3],                # 4
        ["+", 0, 0],                                   # 5
        ["variable", "b", "Int"],                      # 6
        ["variable", "n", "Int"],                      # 7
        ["symbol", "power", 6, 7],                     # 8
        ["number", "1", "Int"],                        # 9
        ["number", "1/2", "Real"],                     # 10
        ["*", 8, 6],                                   # 11
        ["lambda", [["y", "Real"]], 2],                # 12
        ["variable", "f", [["Real"], "Real"]],         # 13
        ["apply", 13, 0],                              # 14
        ["symbol", "twice", 2],                        # 15
        ["+", 2, 2],                                   # 16
        ["=", 15, 16],                                 # 17
        ["forall", [["x", "Real"]], 17],               # 18
        ["and", 4, 18],                                # 19
    ],
    "steps": [
        {"rule": "leaf", "premises": [],
         "parameters": {"goal": 1, "certificate": {"polynomials": [], "tree": 0}},
         "hypotheses": [], "conclusion": 1},
        {"rule": "generalise", "premises": [0], "parameters": {"variable": 0}, "hypotheses": [],
         "conclusion": 4},
        {"rule": "definition", "premises": [], "parameters": {"symbol": "twice", "equation": 0},
         "hypotheses": [], "conclusion": 18},
        {"rule": "conjoin", "premises": [1, 2], "parameters": {}, "hypotheses": [],
         "conclusion": 19},
        {"rule": "conjunct", "premises": [3], "parameters": {"index": 0}, "hypotheses": [],
         "conclusion": 4},
        {"rule": "named", "premises": [4], "parameters": {"name": "small"}, "hypotheses": [],
         "conclusion": 4},
    ],
}  # fmt: skip


def small():
    return copy.deepcopy(SMALL)


def with_terms(document, *entries):
    """The document with terms appended, and the number of the last."""
    document["terms"] += [list(e) for e in entries]
    return len(document["terms"]) - 1


def stating(name, terms, last, axiom=None):
    """A file that claims one formula in one step: a leaf, or the axiom of this name."""
    rule = "axiom" if axiom else "leaf"
    certificate = {"polynomials": [], "tree": 0}
    given = {"goal": last, "certificate": certificate}
    if axiom:
        given = {"name": axiom, "formula": last}
    return {
        "format": "verifier-derivation/2", "name": name, "symbols": [], "terms": terms,
        "steps": [
            {"rule": rule, "premises": [], "parameters": given, "hypotheses": [],
             "conclusion": last},
            {"rule": "named", "premises": [0], "parameters": {"name": name}, "hypotheses": [],
             "conclusion": last},
        ],
    }  # fmt: skip


def write(folder, *documents):
    """Files of documents; a text is written as it is, under the name ``small``."""
    for document in documents:
        text = document if isinstance(document, str) else json.dumps(document)
        name = "small" if isinstance(document, str) else document["name"]
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    return folder
