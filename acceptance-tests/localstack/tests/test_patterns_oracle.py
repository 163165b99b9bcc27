"""Our event patterns against event-ruler, the engine that EventBridge itself runs.

Skipped where the repository's `tools/event-ruler` or Java is missing. Left out is what only the
engine has: a network of size /0 that matches numbers, and an empty list under a negation.
"""

import json
import random
import subprocess
from pathlib import Path

import pytest

from localstack_guardduty.repairs import patterns
from localstack_guardduty.repairs.pattern_values import PatternError

ORACLE = Path(__file__).parents[3] / "tools" / "event-ruler" / "run"
MISSING = 69  # the oracle's exit code where there is no Java or Maven
PAIRS = 1500
TEXTS = ["a", "ab", "abc", "A", "10.0.0.1", "10.0.0.7", "", "*", "a*b", "1", "true"]
NUMBERS = [0, 1, 1.0, -1, 2.5, 1e3, 300, 7, 8.5, 5_000_000_000, 0.1]
RANGES = [["<", 5], [">=", 1], ["=", 7], [">", 0, "<=", 8.5], [">=", 1, "<", 300]]
WRONG_RANGES = [["<", "1"], ["<"], ["<", 1, ">", 0], [">", 5, "<", 5], ["=>", 1], "<"]
KEYS = ["a", "b", "c", "d", "a.b"]


class Maker:
    """Makes patterns and events, the same ones for the same seed."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def scalar(self):
        return self.random.choice(
            [*self.random.sample(TEXTS, 2), self.random.choice(NUMBERS), True, False, None]
        )

    def value(self, depth):
        kind = self.random.random()
        if kind < 0.55 or depth <= 0:
            return self.scalar()
        if kind < 0.8:
            return [self.value(depth - 1) for _ in range(self.random.randint(0, 3))]
        return self.event(depth - 1)

    def event(self, depth=2):
        names = self.random.sample(KEYS[:4], self.random.randint(0, 3))
        return {name: self.value(depth) for name in names}

    def operand(self, operator, wrong):
        text = self.random.choice(TEXTS)
        offers = {
            "prefix": [text, {"equals-ignore-case": text}, *wrong * [1, None, []]],
            "suffix": [text, {"equals-ignore-case": text}, *wrong * [1, None, []]],
            "equals-ignore-case": [text, *wrong * [1]],
            "wildcard": ["*", "a*", "*b", "a*c", "*a*", "\\*", "a\\\\*", "1*", *wrong * ["a**", "a\\b", 1]],
            "numeric": [*RANGES, *wrong * WRONG_RANGES],
            "cidr": ["10.0.0.0/24", "10.0.0.4/30", *wrong * ["10.0.0.1/32", "10.0.0.0/33", "10.0.0.0", 1]],
            "exists": [True, False, *wrong * ["yes", 1]],
            "anything-but": [
                text,
                self.random.choice(NUMBERS),
                self.random.sample(TEXTS, 2),
                self.random.sample(NUMBERS, 2),
                {"prefix": "a"},
                {"suffix": ["c", "b"]},
                {"equals-ignore-case": ["a", "AB"]},
                {"wildcard": ["*b", "A*"]},
                *wrong * [[], ["a", 1], [True], None, {"numeric": ["<", 1]}, {"prefix": ""}],
            ],
        }
        return self.random.choice(offers.get(operator, [1]))

    def alternative(self, wrong):
        if self.random.random() < 0.35:
            return self.scalar()
        names = [
            "prefix",
            "suffix",
            "equals-ignore-case",
            "wildcard",
            "numeric",
            "cidr",
            "exists",
            "anything-but",
        ]
        operator = self.random.choice([*names, *wrong * ["unknown"]])
        return {operator: self.operand(operator, wrong)}

    def pattern(self, wrong, depth=2):
        made = {}
        for name in self.random.sample(KEYS, self.random.randint(1, 2)):
            if depth > 0 and self.random.random() < 0.35:
                made[name] = self.pattern(wrong, depth - 1)
            elif wrong and self.random.random() < 0.03:
                made[name] = self.random.choice(["x", 1, None, [], {}, [["a"]]])
            else:
                made[name] = [self.alternative(wrong) for _ in range(self.random.randint(1, 3))]
        if self.random.random() < 0.12:
            made["$or"] = [self.pattern(wrong, 0) for _ in range(self.random.randint(2 - wrong, 3))]
        return made


def ours(pattern, event):
    """Whether we find the pattern valid, and whether it matches."""
    try:
        return True, patterns.matches(pattern, json.loads(event))
    except PatternError:
        return False, False


def test_patterns_as_the_engine_takes_them():
    if not ORACLE.exists():
        pytest.skip("tools/event-ruler is not there")
    maker = Maker(20261124)
    pairs = [
        (json.dumps(maker.pattern(wrong=int(number % 3 == 0))), json.dumps(maker.event()))
        for number in range(PAIRS)
    ]
    pairs = [pair for pair in pairs if len(pair[0]) <= patterns.MAX_LENGTH]
    questions = "\n".join(json.dumps({"pattern": pattern, "event": event}) for pattern, event in pairs)
    run = subprocess.run([ORACLE], input=questions + "\n", capture_output=True, text=True, check=False)
    if run.returncode == MISSING:
        pytest.skip(run.stderr.strip())
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == len(pairs)
    assert sum(answer["matches"] for answer in answers) > 25
    differences = [
        (pattern, event, answer)
        for (pattern, event), answer in zip(pairs, answers, strict=True)
        if ours(pattern, event) != (answer["valid"], answer["matches"])
    ]
    assert differences == []
