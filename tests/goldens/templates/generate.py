#!/usr/bin/env python3
"""Writes templates.json: what Jinja2 3.1 makes of the templates beside this file and of the snippets in snippets.txt.

The environment is set up as transformers does it: immutable sandbox, trim_blocks, lstrip_blocks, loop controls, the generation tag, tojson without
HTML escaping, raise_exception, strftime_now (which gives one fixed moment). Needs Python with jinja2; the tests only read the result.
"""
import datetime
import json
import pathlib

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

HERE = pathlib.Path(__file__).parent
NOW = datetime.datetime(2026, 7, 26, 14, 5, 9)


class Generation(Extension):
    """{% generation %}: marks what the assistant says; rendering shows its body."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_show"), [], [], body).set_lineno(line)

    def _show(self, caller):
        return caller()


def environment():
    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    result = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    result.filters["tojson"] = tojson
    result.globals["raise_exception"] = raise_exception
    result.globals["strftime_now"] = NOW.strftime
    return result


def call(arguments, name="look_up"):
    return {"id": "abcdef123", "type": "function", "function": {"name": name, "arguments": arguments}}


def conversations():
    system = {"role": "system", "content": "Be <b>brief</b> & exact.\n"}
    arguments = {"place": "Zürich", "days": 3, "scale": 2.5, "sure": True, "none": None, "list": [1, "x"], "map": {"k": "v"}}
    result = {"role": "tool", "content": "{\"degrees\": 21.5}", "tool_call_id": "abcdef123", "name": "look_up"}

    def user(content):
        return {"role": "user", "content": content}

    def assistant(content, **more):
        return {"role": "assistant", "content": content, **more}

    return {
        "one": [user(" Hello ")],
        "system": [system, user("a"), assistant(" b\n"), user("日本 😀 'q' \"Q\" \\")],
        "calls": [user("w?"), assistant(None, tool_calls=[call(arguments)]), result, assistant("It is warm."), user("thanks")],
        "two calls": [system, user("w?"), assistant("Let me see.", tool_calls=[call(arguments), call("{\"raw\": 1}")]), result, {**result, "content": {"t": 1}}],
        "parts": [{"role": "system", "content": [{"type": "text", "text": "sys"}]}, user([{"type": "text", "text": "see"}, {"type": "image"}])],
        "thought": [user("a"), assistant("<think>\nhm\n</think>\n\nb"), user("c"), assistant("d", reasoning_content="why\n")],
        "not alternating": [user("a"), user("b"), {"role": "developer", "content": "d"}],
        "empty": [],
        "none": [user(None)],
    }


def variants():
    tool = {"type": "function", "function": {"name": "look_up", "description": "Looks <up>\nthings", "parameters": {"type": "object", "properties": {
        "place": {"type": "string", "description": "Où?"}, "unit": {"type": "string", "enum": ["c", "f"], "default": "c"},
        "days": {"type": "integer", "minimum": 1, "maximum": 9.5, "default": 3}, "maybe": {"type": ["string", "null"]},
        "list": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "number"}}, "required": ["a"]}}}, "required": ["place"]}}}
    bare = {"type": "function", "function": {"name": "now", "description": "No arguments", "parameters": {"type": "object", "properties": {}}}}
    return [
        {"add_generation_prompt": True},
        {"tools": [tool, bare], "add_generation_prompt": True, "enable_thinking": False},
        {"tools": [tool], "tools_in_user_message": False, "builtin_tools": ["search", "python"], "reasoning_effort": "high", "date_string": "1 Jan"},
        {"documents": [{"title": "A_b", "full_text": "x" * 40, "hidden": 1}, {"title": 7}], "enable_thinking": True},
    ]


def snippet_context():
    return json.loads((HERE / "snippets.json").read_text(encoding="utf-8"))


def main():
    env = environment()
    base = {"tools": None, "documents": None, "add_generation_prompt": False, "bos_token": "<s>", "eos_token": "</s>"}
    templates = {path.stem: path.read_text(encoding="utf-8") for path in sorted(HERE.glob("*.jinja"))}
    contexts = [{**base, "messages": messages, **variant} for messages in conversations().values() for variant in variants()]
    snippets = [line for line in (HERE / "snippets.txt").read_text(encoding="utf-8").split("\n") if line]
    snippets = [line.replace("⏎", "\n") for line in snippets]

    def render(source, context):
        try:
            return {"text": env.from_string(source).render(**json.loads(json.dumps(context)))}
        except Exception as error:  # whatever stops a rendering is the expected result
            raised = isinstance(error, jinja2.exceptions.TemplateError) and type(error) is jinja2.exceptions.TemplateError
            return {"error": str(error) if raised else type(error).__name__, **({"raised": True} if raised else {})}

    golden = {
        "made_with": f"Jinja2 {jinja2.__version__}",
        "now": NOW.isoformat(),
        "contexts": contexts,
        "templates": [{"name": name, "source": source, "renderings": [render(source, context) for context in contexts]} for name, source in templates.items()],
        "snippet_context": snippet_context(),
        "snippets": [{"source": source, **render(source, snippet_context())} for source in snippets],
    }
    text = json.dumps(golden, ensure_ascii=False, indent=0)
    (HERE.parent / "templates.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
