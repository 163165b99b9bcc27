"""How a request or an answer names a thing: members against templates such as `arn:{partition}:...:{rule}`.

It knows no service.
"""

import functools
import re
from typing import Any

Fields = dict[str, str]
Members = dict[str, Any]
"""Path of a member (`Attributes.Policy`) -> template.

`{rule}` is a field; `{a}|x{a}` has forms, of which any is read and the first is written; `*` is whatever is
there; `[...]` is a list of names. A member with `?` at its end may be left out.
"""
NOTHING = "0" * 32
"""Stands in a request for an id that was not given out yet."""
FIELD = re.compile(r"{(\w+)}")


def read(members: Members, given: Any, known: Fields) -> list[Fields]:
    """The things that `given` names, each with what is `known` of all; none if `given` does not name one."""
    found = [known]
    for member, template in members.items():
        texts = _values(given, member.rstrip("?").split("."))
        if not texts and member.endswith("?"):
            continue
        fields = [each for text in texts if (each := _match(template, str(text), known)) is not None]
        found = [before | each for before in found for each in fields]
    return found


def write(members: Members, fields: Fields) -> dict[str, Any]:
    """The members of a request that names a thing."""
    return {member.rstrip("?"): _filled(template, fields) for member, template in members.items()}


def _filled(template: Any, fields: Fields) -> Any:
    if isinstance(template, list):
        return [_filled(each, fields) for each in template]
    return FIELD.sub(lambda field: fields.get(field[1], NOTHING), template.split("|")[0])


def _values(given: Any, path: list[str]) -> list[Any]:
    """What stands under a path; a list on the way stands for each of its items."""
    if isinstance(given, list):
        return [value for item in given for value in _values(item, path)]
    if not path or given is None:
        return [] if given is None else [given]
    return _values(given.get(path[0]), path[1:]) if isinstance(given, dict) else []


def _match(template: Any, text: str, known: Fields) -> Fields | None:
    if template == "*":
        return {}
    for form in (template[0] if isinstance(template, list) else template).split("|"):
        match = _pattern(form).fullmatch(text)
        if match and all(known.get(name, value) == value for name, value in match.groupdict().items()):
            return match.groupdict()
    return None


@functools.lru_cache
def _pattern(form: str) -> re.Pattern[str]:
    """A field is any text; the second part of each split is a field's name."""
    parts = FIELD.split(form)
    return re.compile(
        "".join(f"(?P<{part}>.+)" if index % 2 else re.escape(part) for index, part in enumerate(parts))
    )
