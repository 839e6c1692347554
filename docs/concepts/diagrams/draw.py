#!/usr/bin/env python3
"""Draws the sequence diagrams of docs/concepts: NAME.svg from NAME.seq.

    docs/concepts/diagrams/draw.py            # draws all of them
    docs/concepts/diagrams/draw.py --check    # says whether one is not what would be drawn

A .seq file has a line for each thing that happens, from top to bottom:

    title What it shows
    actors Client, Gateway, Service
    Client -> Gateway: a request
    Gateway -x Client: a refusal
    Client <- Gateway: an answer that is good
    Client -! Gateway: a message that is lost on its way
    Gateway: what somebody does
    ... time goes by
"""

import re
import sys
import textwrap
from html import escape
from pathlib import Path

FOLDER = Path(__file__).parent
CHARACTER, LINE = 7.1, 19  # Pixels of a letter on average, and of a line of text.
EDGE, HEAD, STEP, LETTERS = 20, 40, 46, 28  # Margin; an actor's box; from one message to the next; of a note's line.

STYLE = """
  .plate { fill: #f7f9f8; stroke: #d0d8d6; } .life { stroke: #9aa8a6; stroke-dasharray: 3 5; }
  .actor { fill: #1b2426; } .name { fill: #f7f9f8; font-weight: 600; }
  text { font: 14px "Hanken Grotesk", "Segoe UI", "Helvetica Neue", system-ui, sans-serif; text-anchor: middle; fill: #1b2426; }
  .note { fill: #dde4f5; } .time { fill: #4d5b5e; font-style: italic; } .halo { paint-order: stroke; stroke: #f7f9f8; stroke-width: 5; stroke-linejoin: round; }
  .asks { stroke: #1b2426; } .good { stroke: #1d6557; } .bad { stroke: #a12a3c; } .asks, .good, .bad { fill: none; stroke-width: 1.75; }
  text.good { fill: #1d6557; stroke: #f7f9f8; } text.bad { fill: #a12a3c; stroke: #f7f9f8; }
  @media (prefers-color-scheme: dark) {
    .plate { fill: #1a2124; stroke: #2c363a; } .life { stroke: #5c6b6f; }
    .actor { fill: #e6eceb; } .name { fill: #12171a; } text { fill: #e6eceb; } .halo { stroke: #1a2124; }
    .note { fill: #1d2742; } .time { fill: #a0aeb0; }
    .asks { stroke: #e6eceb; } .good { stroke: #74c9b3; } .bad { stroke: #f29aa2; }
    text.good { fill: #74c9b3; stroke: #1a2124; } text.bad { fill: #f29aa2; stroke: #1a2124; }
  }
"""

# What an arrow is: the way it goes, how it looks, and how a sentence names it.
ARROWS = {
    "->": (1, "asks", "{0} to {1}: {2}"),
    "<-": (-1, "good", "{1} answers {0}: {2}"),
    "-x": (1, "bad", "{0} refuses {1}: {2}"),
    "-!": (1, "bad", "{0} to {1}, lost: {2}"),
}


def main(arguments):
    check = arguments == ["--check"]
    if arguments and not check:
        sys.exit(__doc__)
    stale = []
    for source in sorted(FOLDER.glob("*.seq")):
        target, drawn = source.with_suffix(".svg"), draw(read(source))
        if check and (not target.exists() or target.read_text() != drawn):
            stale.append(target.name)
        elif not check:
            target.write_text(drawn)
    if stale:
        sys.exit(f"not as draw.py draws them: {', '.join(stale)}")


def read(source):
    """Title, actors, and what happens: ("message", from, to, text, arrow), ("note", actor, text), ("time", text)."""
    title, actors, events = "", [], []
    for number, line in enumerate(source.read_text().splitlines(), 1):
        arrow = re.fullmatch(r"(\w[\w ]*?) (->|<-|-x|-!) (\w[\w ]*?): (.+)", line)
        note = re.fullmatch(r"(\w[\w ]*?): (.+)", line)
        if line.startswith("title "):
            title = line.removeprefix("title ")
        elif line.startswith("actors "):
            actors = line.removeprefix("actors ").split(", ")
        elif line.startswith("... "):
            events.append(("time", line.removeprefix("... ")))
        elif arrow and {arrow[1], arrow[3]} <= set(actors):
            events.append(("message", actors.index(arrow[1]), actors.index(arrow[3]), arrow[4], arrow[2]))
        elif note and note[1] in actors:
            events.append(("note", actors.index(note[1]), note[2]))
        elif line:
            sys.exit(f"{source.name}:{number}: what is this? {line}")
    return title, actors, events


def draw(diagram):
    title, actors, events = diagram
    places = columns(actors, events)
    width, parts, y = places[-1] + places[0], [], EDGE + HEAD
    for event in events:
        y = {"message": message, "note": note, "time": time}[event[0]](parts, places, y, width, *event[1:])
    height = y + EDGE
    lives = [f'<line class="life" x1="{x}" x2="{x}" y1="{EDGE + HEAD}" y2="{height - EDGE / 2}"/>' for x in places]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-labelledby="title desc">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(told(actors, events))}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="plate" x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="12"/>',
        *lives,
        *(head(name, x) for name, x in zip(actors, places)),
        *parts,
        "</svg>\n",
    ])


def columns(actors, events):
    """Where each actor stands: far enough from the next for what is said between them, and noted on them."""
    half = [max(letters(name) + 28, 96) / 2 for name in actors]
    for event in events:
        if event[0] == "note":
            half[event[1]] = max(half[event[1]], note_width(event[2]) / 2)
    gaps = [left + right + 16 for left, right in zip(half, half[1:])]
    for event in events:
        if event[0] != "note":
            first, last = sorted(event[1:3]) if event[0] == "message" else (0, len(gaps))
            need = letters(event[-2 if event[0] == "message" else 1]) + 36 - sum(gaps[first:last])
            for at in range(first, last):
                gaps[at] += max(0, need) / (last - first)
    outside = max(half[0], half[-1]) + EDGE
    return [round(outside + sum(gaps[:at])) for at in range(len(actors))]


def message(parts, places, y, width, left, right, text, arrow):
    way, look, _ = ARROWS[arrow]
    start, end = (places[left], places[right]) if way > 0 else (places[right], places[left])
    direction = 1 if end > start else -1
    y += STEP
    tip = end - direction * 3
    if arrow == "-!":
        tip = round((start + end) / 2)
        parts.append(f'<path class="bad" d="M{tip - 6} {y - 6} l12 12 m0 -12 l-12 12"/>')
    else:
        parts.append(f'<path class="{look}" d="M{tip - direction * 9} {y - 5} L{tip} {y} L{tip - direction * 9} {y + 5}"/>')
    parts.append(f'<path class="{look}" d="M{start} {y} H{tip}"/>')
    parts.append(f'<text class="halo {look if look != "asks" else ""}" x="{(start + end) / 2}" y="{y - 9}">{escape(text)}</text>')
    return y


def note(parts, places, y, width, actor, text):
    lines, wide = wrapped(text), note_width(text)
    high = LINE * len(lines) + 12
    y += 16
    parts.append(f'<rect class="note" x="{places[actor] - wide / 2}" y="{y}" width="{wide}" height="{high}" rx="6"/>')
    parts += [f'<text x="{places[actor]}" y="{y + LINE * (at + 1) - 1}">{escape(line)}</text>' for at, line in enumerate(lines)]
    return y + high - 8


def time(parts, places, y, width, text):
    parts.append(f'<text class="time halo" x="{width / 2}" y="{y + STEP - 8}">{escape(text)}</text>')
    return y + STEP - 8


def head(name, x):
    wide = max(letters(name) + 28, 96)
    return (f'<rect class="actor" x="{x - wide / 2}" y="{EDGE}" width="{wide}" height="{HEAD - 6}" rx="8"/>'
            f'<text class="name" x="{x}" y="{EDGE + 22}">{escape(name)}</text>')


def told(actors, events):
    """The diagram in sentences."""
    sentences = []
    for kind, *event in events:
        if kind == "message":
            left, right, text, arrow = event
            sentences.append(ARROWS[arrow][2].format(actors[left], actors[right], text))
        elif kind == "note":
            sentences.append(f"{actors[event[0]]}: {event[1]}")
        else:
            sentences.append(event[0].capitalize())
    return ". ".join(sentences) + "."


def letters(text):
    return len(text) * CHARACTER


def note_width(text):
    return round(max(letters(line) for line in wrapped(text)) + 24)


def wrapped(text):
    """Its lines, as even as they can be."""
    lines = textwrap.wrap(text, LETTERS)
    for width in range(LETTERS - 1, 0, -1):
        even = textwrap.wrap(text, width, break_long_words=False)
        if len(even) > len(lines):
            break
        lines = even
    return lines


if __name__ == "__main__":
    main(sys.argv[1:])
