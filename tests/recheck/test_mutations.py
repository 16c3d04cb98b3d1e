"""A derivation file that was changed at random is refused, or is still a proof."""

import copy
from collections import Counter
from dataclasses import replace
from random import Random

from tests.recheck.library import certificates, contents, documents
from tests.recheck.mutants import mutant
from tests.seeds import seeds
from verifier.recheck.certificates import check
from verifier.recheck.cvc5_check import decide
from verifier.recheck.document import read
from verifier.recheck.errors import BadCertificate, IllFormed, Rejected
from verifier.recheck.polynomials import Problem, address
from verifier.recheck.structure import check_document, check_library, leaves
from verifier.recheck.terms import make, number, substitute, subterms

MUTANTS = len(seeds(500, 1200))
CERTIFICATES = 400
LEAVES = 600
SEED = 20151509
# Seconds; cvc5 is ended then, and what it was asked is left open.
CLOCK = 20


def refusal(name, changed, held):
    """Who refuses a changed file, or None."""
    try:
        document = read(name, changed)
        check_document(document)
        check_library({**documents(), name: document})
    except Rejected as error:
        return type(error).__name__
    before = {leaf.step: address(leaf.premises, leaf.goal) for leaf in leaves(documents()[name])}
    for leaf in leaves(document):
        key = address(leaf.premises, leaf.goal)
        if key not in held:
            # The certificate of the leaf that stood here is the one a forger would offer.
            offered = certificates().get(before.get(leaf.step, ""))
            try:
                check(Problem(leaf.premises, leaf.goal), offered)
            except BadCertificate:
                return "BadCertificate"
    return None


def used(document):
    """What a document proves the result from, unused steps left out."""
    wanted, todo = set(), [len(document.steps) - 1]
    while todo:
        i = todo.pop()
        if i not in wanted:
            wanted.add(i)
            todo.extend(document.steps[i].premises)
    return tuple(s for i, s in enumerate(document.steps) if i in wanted)


def meaning(definition):
    """A definition without the names of its parameters, which are bound like any others."""
    parts = [definition.body, definition.measure, definition.successor]
    for i, parameter in enumerate(definition.parameters):
        # No file can name a variable so, and what is put in is never replaced again.
        place = make("variable", (), f"parameter {i}", parameter.sort)
        parts = [part and substitute(part, parameter, place) for part in parts]
    return definition.signature, *parts


def why_harmless(name, changed):
    """The class of a file that nobody refuses, decided mechanically; None if it is not harmless."""
    old, new = documents()[name], read(name, changed)
    if old == new:
        return "the same up to bound names and unused terms"
    words, others = ({s: meaning(d) for s, d in f.definitions.items()} for f in (old, new))
    same_words = {s: m for s, m in others.items() if s in words} == words
    same_claim = used(old)[-1].conclusion is used(new)[-1].conclusion
    rests_on = [
        {str(s.parameters) for s in used(d) if s.rule in ("cite", "axiom")} for d in (old, new)
    ]
    fates = {decide(leaf.premises, leaf.goal, CLOCK).status for leaf in leaves(new)}
    if fates - {"proved", "unfinished"}:
        return None
    if "unfinished" in fates:
        # No verdict on this machine, today: neither a fault of the checkers nor of the mutant.
        return "the same up to what cvc5 did not finish"
    if same_words and same_claim and rests_on[1] <= rests_on[0]:
        return "another proof of the same statement"
    if not same_claim:
        return "a proof of another statement, which it states"
    return None


def test_every_mutant_is_refused_or_harmless():
    random = Random(SEED)
    held = set(certificates())
    refused, harmless = Counter(), Counter()
    while sum(refused.values()) + sum(harmless.values()) < MUTANTS:
        name, kind, changed = mutant(random, contents())
        if changed is None:
            continue
        by = refusal(name, changed, held)
        if by:
            refused[by] += 1
        else:
            reason = why_harmless(name, changed)
            assert reason, f"{name}: {kind} is accepted, and not harmless"
            harmless[reason, kind] += 1
    assert refused["BadCertificate"] > 0
    assert refused["WrongStep"] > MUTANTS // 4
    # Survivors that keep their meaning are mostly changed names of bound variables.
    others = [n for (reason, _), n in harmless.items() if not reason.startswith("the same")]
    assert sum(others) < MUTANTS // 10


def test_the_names_of_parameters_are_no_part_of_a_meaning():
    a, f, x = (make("variable", (), name, "Real") for name in "afx")
    plain = documents()["leaky-relu-sawtooth"].definitions["leaky_relu"]
    assert plain.parameters == (a, x)
    renamed = replace(plain, parameters=(f, x), body=substitute(plain.body, a, f))
    assert renamed != plain
    assert meaning(renamed) == meaning(plain)
    for other in (
        replace(plain, parameters=(x, a)),
        replace(plain, body=substitute(plain.body, a, x)),
        replace(plain, body=x),
    ):
        assert meaning(other) != meaning(plain)


def numbers(value, found, path=()):
    """The places of all integers in a certificate's tree."""
    for i, part in enumerate(value):
        if isinstance(part, list):
            numbers(part, found, (*path, i))
        elif type(part) is int:
            found.append((*path, i))
    return found


def test_altered_certificates_are_refused_or_still_refute():
    random = Random(SEED)
    problems = {}
    for document in documents().values():
        for leaf in leaves(document):
            problems[address(leaf.premises, leaf.goal)] = leaf
    refused = still = 0
    keys = sorted(set(problems) & set(certificates()))
    while refused + still < CERTIFICATES:
        key = random.choice(keys)
        changed = copy.deepcopy(certificates()[key])
        if changed["tree"] == 0:
            continue
        place = random.choice(numbers(changed["tree"], []))
        *way, last = place
        node = changed["tree"]
        for i in way:
            node = node[i]
        node[last] += random.choice([-2, -1, 1, 2])
        leaf = problems[key]
        try:
            check(Problem(leaf.premises, leaf.goal), changed)
            still += 1
        except BadCertificate:
            refused += 1
    # What still passes still refutes: a mask that is no longer needed, a wider split, a scaled sum.
    assert refused > CERTIFICATES * 3 // 4


def test_no_certificate_refutes_another_leaf_that_is_not_true():
    """Certificates are offered to the negated leaf: whatever they are, none may pass."""
    tried = 0
    for document in documents().values():
        for leaf in leaves(document)[:3]:
            problem = Problem(leaf.premises, leaf.goal)
            # Premises and goal all true at once is consistent wherever the goal adds something.
            problem.formulas[-1] = problem.formulas[-1][1]
            satisfiable = decide((*leaf.premises, leaf.goal), _false()).status == "refuted"
            if satisfiable and address(leaf.premises, leaf.goal) in certificates():
                tried += 1
                try:
                    check(problem, certificates()[address(leaf.premises, leaf.goal)])
                except BadCertificate:
                    continue
                raise AssertionError(f"{leaf.name} {leaf.step}: a consistent leaf is refuted")
        if tried > 60:
            break
    assert tried > 60


CHANGES = {"<=": "<", "<": "<=", "+": "-", "-": "+", "and": "or", "or": "and", "=": "<="}


def nudged(term, random):
    """A term with one operator or number changed somewhere, if there is one to change."""
    places = [t for t in subterms(term) if t.operator in (*CHANGES, "number") and not t.loose]
    if not places:
        return term
    victim = random.choice(sorted(places, key=str))

    def walk(node):
        if node is victim and node.operator == "number":
            return number(node.data + 1, node.sort)
        parts = tuple(map(walk, node.arguments))
        operator = CHANGES[node.operator] if node is victim else node.operator
        return make(operator, parts, node.data, node.sort if not parts else "")

    try:
        return walk(term)
    except IllFormed:
        return term


def test_a_certificate_of_a_changed_leaf_is_refused_unless_the_leaf_still_holds():
    random = Random(SEED)
    pool = [leaf for d in documents().values() for leaf in leaves(d)]
    refused = kept = 0
    while refused + kept < LEAVES:
        leaf = random.choice(pool)
        certificate = certificates().get(address(leaf.premises, leaf.goal))
        parts = [*leaf.premises, leaf.goal]
        place = random.randrange(len(parts))
        if place < len(leaf.premises) and random.random() < 0.5:
            del parts[place]
        else:
            parts[place] = nudged(parts[place], random)
        *premises, goal = parts
        if [*leaf.premises, leaf.goal] == parts or certificate is None:
            continue
        try:
            check(Problem(premises, goal), certificate)
        except BadCertificate:
            refused += 1
            continue
        kept += 1
        assert decide(premises, goal).status == "proved", f"{leaf.name} {leaf.step}"
    assert refused > LEAVES // 2


def _false():
    return make("false")
