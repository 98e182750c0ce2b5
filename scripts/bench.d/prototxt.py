"""Reads and writes protobuf's text format, as far as nets and solvers use it."""

import re

TOKENS = re.compile(r"""\s+|\#[^\n]*|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<mark>[{}:;,\[\]])|(?P<word>[^\s{}:;,\[\]"'\#]+)""")


class Message:
    """Fields in their order; every field may be repeated."""

    def __init__(self, fields=()):
        self.fields = list(fields)

    def all(self, name):
        return [value for field, value in self.fields if field == name]

    def get(self, name, default=None):
        """The last value, which is the one that counts; of a message that is not there, an empty one."""
        values = self.all(name)
        if values:
            return values[-1]
        return Message() if default is None else default

    def has(self, name):
        return any(field == name for field, _ in self.fields)

    def without(self, *names):
        return Message((field, value) for field, value in self.fields if field not in names)

    def adding(self, **fields):
        return Message(self.fields + [(field, value) for field, value in fields.items()])


class Word(str):
    """A value without quotation marks: an enumeration's name, true or false."""


def parse(text):
    tokens = [m for m in TOKENS.finditer(text) if m.lastgroup]
    message, position = _message(tokens, 0)
    if position != len(tokens):
        raise ValueError("a } too many")
    return message


def _message(tokens, position):
    fields = []
    while position < len(tokens) and tokens[position].group() != "}":
        name = tokens[position].group()
        position += 1
        if tokens[position].group() == ":":
            position += 1
        if tokens[position].group() == "{":
            value, position = _message(tokens, position + 1)
            fields.append((name, value))
            position += 1
        elif tokens[position].group() == "[":
            while tokens[position].group() != "]":
                if tokens[position + 1].lastgroup != "mark":
                    fields.append((name, _value(tokens[position + 1])))
                position += 1
            position += 1
        else:
            fields.append((name, _value(tokens[position])))
            position += 1
        while position < len(tokens) and tokens[position].group() in ",;":
            position += 1
    return Message(fields), position


def _value(token):
    text = token.group()
    if token.lastgroup == "text":
        return text[1:-1]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return {"true": True, "false": False}.get(text, Word(text))


def write(message, indent=""):
    lines = []
    for name, value in message.fields:
        if isinstance(value, Message):
            lines += [f"{indent}{name} {{", write(value, indent + "  "), indent + "}"]
        else:
            lines.append(f"{indent}{name}: {_text(value)}")
    return "\n".join(line for line in lines if line)


def _text(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Word) or not isinstance(value, str):
        return str(value)
    return f'"{value}"'
