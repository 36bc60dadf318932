"""The verbs for people: `python -m actions.manual > docs/actions.md`. A test keeps the page true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from actions.registry import IMPERSONAL, REFUSALS, VERBS, Verb

_HEAD = """# Verbs

What the bot can do in the shop, made from `actions/registry.py` by `python -m actions.manual`. The rules behind the refusals
are data, in `actions/policy.yml`.

A verb that writes comes in two halves over one pure plan. `action_quote_*` says exactly what will happen and sets the slot
`quote`, the digest of that plan. After the customer's yes (slot `confirmed`) the other half makes the plan again and carries
it out only if it is still the same; otherwise it says the new summary, sets the new `quote`, empties `confirmed` and ends in
`confirmation_stale`. A flow is: verify, collect what the quote needs, quote, collect `confirmed`, write; back to `confirmed`
on `confirmation_stale`. The call's idempotency key makes a repeat harmless: it gives the outcome of the first time.

Every argument may be a slot of the same name. `outcome` is set by every verb: done, or the code of the refusal.
`needs_review` is true where a person releases the money: hand over after the write.
"""


def manual() -> str:
    """The page, in Markdown."""
    sections = [_HEAD, *(_verb(name, verb) for name, verb in VERBS.items()), "## Refusals\n"]
    codes = "\n".join(f"| `{code}` | {meaning} |" for code, meaning in REFUSALS.items())
    return "\n".join([*sections, "| code | means |\n|---|---|", codes]) + "\n"


def _verb(name: str, verb: Verb) -> str:
    lines = [f"## {name}\n", f"{verb.description}\n"]
    if verb.quote:
        lines.append(f"- after: `{verb.quote}`")
    lines += [f"- argument {argument}" for argument in _arguments(verb.arguments.model_json_schema())]
    lines += [f"- {title}: {_codes(values)}" for title, values in _lists(name, verb) if values]
    return "\n".join([*lines, ""])


def _lists(name: str, verb: Verb) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "sets", ("outcome", *verb.slots)
    yield "says", verb.says
    yield "refusals", verb.refusals
    if name in IMPERSONAL:
        yield "also answered", ("in public",)


def _arguments(schema: Mapping[str, Any]) -> Iterator[str]:
    required = schema.get("required", ())
    for name, value in schema["properties"].items():
        yield f"`{name}` ({_kind(value)}{', needed' if name in required else ''})"


def _kind(value: Mapping[str, Any]) -> str:
    if "anyOf" in value:
        return " or ".join(_kind(choice) for choice in value["anyOf"] if choice.get("type") != "null")
    if "enum" in value:
        return ", ".join(value["enum"])
    if value.get("type") == "array":
        return f"list of {_kind(value['items'])}"
    return {"string": "text", "integer": "whole number", "boolean": "yes or no"}.get(str(value.get("type")), "any")


def _codes(values: tuple[str, ...]) -> str:
    return ", ".join(f"`{value}`" for value in dict.fromkeys(values))


if __name__ == "__main__":
    print(manual(), end="")  # noqa: T201 - the page goes to standard output
