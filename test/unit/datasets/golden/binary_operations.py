"""Answers of the binary operations of Power et al. 2022 by independent means: SymPy's modular inverse and its permutations.

Writes binary_operations.json. Run with Debian's python3 and python3-sympy: python3 binary_operations.py
"""

import itertools
import json
import pathlib
import random

import sympy
from sympy.combinatorics import Permutation

random.seed(0)


def division(x, y, p):
    return x * sympy.mod_inverse(y, p) % p


# The expressions as they stand in openai/grok data.py (x, y are the operands a, b there), and x*y*x of tiny-gen.
OPERATIONS = {
    "x+y": lambda x, y, p: (x + y) % p,
    "x-y": lambda x, y, p: (x - y) % p,
    "x*y": lambda x, y, p: (x * y) % p,
    "x/y": division,
    "x^2+y^2": lambda x, y, p: (x**2 + y**2) % p,
    "x^2+xy+y^2": lambda x, y, p: (x**2 + y**2 + x * y) % p,
    "x^2+xy+y^2+x": lambda x, y, p: (x**2 + y**2 + x * y + x) % p,
    "x^3+xy": lambda x, y, p: (x**3 + x * y) % p,
    "x^3+xy^2+y": lambda x, y, p: (x**3 + x * y**2 + y) % p,
    "x/y for odd y, else x-y": lambda x, y, p: division(x, y, p) if y % 2 == 1 else (x - y) % p,
    "x+y for even x, else x*y": lambda x, y, p: (x + y) % p if x % 2 == 0 else (x * y) % p,
    "x+y for even x, else x-y": lambda x, y, p: (x + y) % p if x % 2 == 0 else (x - y) % p,
    "x*y*x": lambda x, y, p: (x * y * x) % p,
}


def modular(p, count):
    table = {}
    for name, operation in OPERATIONS.items():
        pairs = [(x, y) for x in range(p) for y in range(1 if name == "x/y" else 0, p)]
        chosen = pairs if len(pairs) <= count else random.sample(pairs, count)
        table[name] = [[x, y, int(operation(x, y, p))] for x, y in chosen]
    return table


def permutations(count):
    elements = [Permutation(list(one)) for one in itertools.permutations(range(5))]
    number = {tuple(one.array_form): i for i, one in enumerate(elements)}
    operations = {
        "xy": lambda a, b: a * b,
        "xyx^-1": lambda a, b: a * b * ~a,
        "xyx": lambda a, b: a * b * a,
    }
    table = {}
    for name, operation in operations.items():
        rows = []
        for _ in range(count):
            a, b = random.randrange(120), random.randrange(120)
            rows.append([a, b, number[tuple(operation(elements[a], elements[b]).array_form)]])
        table[name] = rows
    return table


golden = {
    "made_by": f"binary_operations.py, SymPy {sympy.__version__}",
    "modular": {"7": modular(7, 100), "97": modular(97, 60)},
    "s5": permutations(120),
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden) + "\n")
