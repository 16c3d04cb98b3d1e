"""Random mutations of derivation files."""

import copy

SWAPS = {
    "+": "-", "-": "+", "*": "+", "<=": "<", "<": "<=", "and": "or", "or": "and",
    "forall": "exists", "exists": "forall", "=": "<=", "=>": "and", "div": "mod", "mod": "div",
}  # fmt: skip


def pick(random, items):
    return random.choice(items) if items else None


def drop_premise(random, d):
    step = pick(random, [s for s in d["steps"] if s["premises"]])
    step["premises"].pop(random.randrange(len(step["premises"])))


def swap_premises(random, d):
    step = pick(random, [s for s in d["steps"] if len(s["premises"]) > 1])
    if step is None:
        return
    i, j = random.sample(range(len(step["premises"])), 2)
    step["premises"][i], step["premises"][j] = step["premises"][j], step["premises"][i]


def redirect_premise(random, d):
    i = random.randrange(1, len(d["steps"]))
    step = d["steps"][i]
    if step["premises"]:
        step["premises"][random.randrange(len(step["premises"]))] = random.randrange(i)


def exchange_steps(random, d):
    i = random.randrange(len(d["steps"]) - 1)
    d["steps"][i], d["steps"][i + 1] = d["steps"][i + 1], d["steps"][i]


def drop_hypothesis(random, d):
    step = pick(random, [s for s in d["steps"] if s["hypotheses"]])
    if step:
        step["hypotheses"].pop(random.randrange(len(step["hypotheses"])))


def another_conclusion(random, d):
    step = random.choice(d["steps"])
    step["conclusion"] = random.choice(d["steps"])["conclusion"]


def another_operator(random, d):
    term = pick(random, [t for t in d["terms"] if t[0] in SWAPS])
    if term:
        term[0] = SWAPS[term[0]]


def another_number(random, d):
    term = pick(random, [t for t in d["terms"] if t[0] == "number"])
    if term:
        term[1] = str(random.choice([-1, 0, 1, 2, 3, 5]))


def another_child(random, d):
    places = [
        (i, j)
        for i, t in enumerate(d["terms"])
        for j, part in enumerate(t)
        if type(part) is int and t[0] != "bound" and i
    ]
    i, j = random.choice(places)
    d["terms"][i][j] = random.randrange(i)


def exchange_children(random, d):
    term = pick(random, [t for t in d["terms"] if t[0] in ("-", "<", "<=", "=>", "/", "apply")])
    if term:
        term[-1], term[-2] = term[-2], term[-1]


def rename_variable(random, d):
    variables = [t for t in d["terms"] if t[0] == "variable"]
    if len(variables) > 1:
        one, other = random.sample(variables, 2)
        one[1] = other[1]


def rename_binder(random, d):
    term = pick(random, [t for t in d["terms"] if t[0] in ("forall", "exists", "lambda")])
    if term:
        term[1][0][0] += "_renamed"


def shift_index(random, d):
    term = pick(random, [t for t in d["terms"] if t[0] == "bound"])
    if term:
        term[1] = max(0, term[1] + random.choice([-1, 1]))


def another_parameter(random, d):
    step = pick(random, [s for s in d["steps"] if s["parameters"]])
    key = random.choice(sorted(step["parameters"]))
    value = step["parameters"][key]
    if type(value) is int and key in ("index", "equation"):
        step["parameters"][key] = 1 - value if value < 2 else 0
    elif type(value) is int:
        step["parameters"][key] = random.randrange(len(d["terms"]))
    else:
        others = [s["parameters"][key] for s in d["steps"] if key in s["parameters"]]
        step["parameters"][key] = random.choice(others)


def another_rule(random, d):
    rules = sorted({s["rule"] for s in d["steps"]})
    random.choice(d["steps"])["rule"] = random.choice(rules)


def another_definition(random, d):
    symbol = pick(random, d["symbols"])
    if symbol is None:
        return
    key = random.choice(["body", "measure", "successor", "parameters", "sort"])
    if key == "parameters":
        symbol[key].reverse()
    elif key == "sort":
        symbol[key] = random.choice(["Int", "Real", "Bool"])
    elif symbol[key] is not None:
        symbol[key] = random.randrange(len(d["terms"]))


KINDS = (
    drop_premise, swap_premises, redirect_premise, exchange_steps, drop_hypothesis,
    another_conclusion, another_operator, another_number, another_child, exchange_children,
    rename_variable, rename_binder, shift_index, another_parameter, another_rule,
    another_definition,
)  # fmt: skip


def mutant(random, contents):
    """A name, the kind of mutation, and the changed file; None where nothing changed."""
    name = random.choice(sorted(contents))
    kind = random.choice(KINDS)
    changed = copy.deepcopy(contents[name])
    kind(random, changed)
    return name, kind.__name__, None if changed == contents[name] else changed
