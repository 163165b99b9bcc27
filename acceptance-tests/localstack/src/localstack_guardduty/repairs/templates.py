"""Input transformers: an event's values put into a template.

Replaces LocalStack's rendering, which fails on a number inside a quoted text and drops 0 and false.
"""

import datetime
import json
from typing import Any

from localstack.services.events import target
from localstack.services.events.utils import event_time_to_time_string, to_json_str
from localstack.utils.json import extract_jsonpath


def install() -> None:
    """Replaces the two functions of LocalStack's targets."""
    target.get_template_replacements = values
    target.replace_template_placeholders = render


def values(input_transformer: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
    """The value of each path; a path that leads nowhere is an empty text."""
    found = {}
    for name, path in (input_transformer.get("InputPathsMap") or {}).items():
        value = extract_jsonpath(event, path)
        found[name] = "" if value is None or (value == [] and not _leads_to_list(event, path)) else value
    return found


def render(template: str, replacements: dict[str, Any]) -> Any:
    """The template with its placeholders filled: JSON if it is an object or array, else a text."""
    is_json = template.lstrip()[:1] in ("{", "[")
    parts, end = [], 0
    for match in target.TRANSFORMER_PLACEHOLDER_PATTERN.finditer(template):
        parts.append(template[end : match.start()])
        quoted = _ends_inside_text("".join(parts))
        parts.append(_rendered(replacements.get(match.group(1), ""), quoted, is_json))
        end = match.end()
    text = "".join([*parts, template[end:]])
    if not is_json:
        return text.strip()[1:-1].replace("\\n", "\n").replace('\\"', '"')
    try:
        return json.loads(text)
    except ValueError:
        raise ValueError(f"the input template yields no valid JSON: {text}") from None


def _rendered(value: Any, quoted: bool, is_json: bool) -> str:
    if isinstance(value, datetime.datetime):
        value = event_time_to_time_string(value)
    if isinstance(value, str):
        return json.dumps(value)[1:-1] if quoted else json.dumps(value)
    text = to_json_str(value)
    if isinstance(value, (dict, list)) and quoted:
        return json.dumps(text)[1:-1] if is_json else text.replace('"', "")
    return text


def _ends_inside_text(text: str) -> bool:
    return text.replace("\\\\", "").replace('\\"', "").count('"') % 2 == 1


def _leads_to_list(event: dict[str, Any], path: str) -> bool:
    """Tells an empty list in the event from LocalStack's answer for a path without a value."""
    node: Any = event
    for name in path.removeprefix("$.").split("."):
        if not isinstance(node, dict) or name not in node:
            return False
        node = node[name]
    return True
