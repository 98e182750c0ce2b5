"""Draws the ratios as an SVG picture: a bar per row, with the rounds' spread."""

import html
import statistics

WIDTH, LABELS, BAR, STEP, TOP = 860, 330, 12, 24, 40


def draw(bars):
    """bars: title, best peer and its ratios."""
    most = max([1.0] + [max(values) for _, _, values in bars]) * 1.05
    x = lambda ratio: LABELS + ratio / most * (WIDTH - LABELS - 150)
    height = TOP + STEP * len(bars) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">',
        "<title>How much longer the best peer takes</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{LABELS}" y="18" fill="#333333">time of the best peer / time of this engine (line: as fast)</text>',
    ]
    for number, (title, rival, values) in enumerate(bars):
        parts += _bar(TOP + STEP * number, x, title, rival, values)
    parts.append(f'<line x1="{x(1):.1f}" x2="{x(1):.1f}" y1="{TOP - 10}" y2="{height - 10}" stroke="#333333"/>')
    return "\n".join(parts + ["</svg>", ""])


def _bar(y, x, title, rival, values):
    ratio, middle = statistics.median(values), y + BAR / 2
    colour = "#3b7dd8" if ratio >= 1 else "#c9772b"
    return [
        f'<text x="{LABELS - 8}" y="{y + BAR - 2}" text-anchor="end" fill="#333333">{html.escape(title)}</text>',
        f'<rect x="{LABELS}" y="{y}" width="{x(ratio) - LABELS:.1f}" height="{BAR}" fill="{colour}"/>',
        f'<line x1="{x(min(values)):.1f}" x2="{x(max(values)):.1f}" y1="{middle}" y2="{middle}" stroke="#111111" stroke-width="2"/>',
        f'<text x="{x(max(values)) + 8:.1f}" y="{y + BAR - 2}" fill="#333333">{ratio:.2f} {html.escape(rival)}</text>',
    ]
