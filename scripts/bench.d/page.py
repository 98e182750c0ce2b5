"""Writes what was measured into docs/benchmarks.md, between two marks, and draws the chart beside it."""

import statistics

import chart
import rows

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
CHART = "docs/images/benchmarks.svg"


def ratios(measured, quantity="median"):
    """Per peer that was measured, its quantity divided by ours, round by round."""
    ours = measured["entries"]["caffe"]["rounds"]
    result = {}
    for label, entry in measured["entries"].items():
        if label != "caffe" and entry.get("rounds"):
            result[label] = [theirs[quantity] / mine[quantity] for theirs, mine in zip(entry["rounds"], ours)]
    return result


def middle(measured, label, quantity="median"):
    return statistics.median(outcome[quantity] for outcome in measured["entries"][label]["rounds"])


def best(measured, quantity="median"):
    """The peer to be measured by: the one whose median is the smallest; None without peers."""
    return min(ratios(measured, quantity), key=lambda label: middle(measured, label, quantity), default=None)


def spread(values, digits=2):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def summary(name, measured):
    """A row in one line."""
    if "skipped" in measured:
        return f"{name}: left out, {measured['skipped']}"
    mine = f"{name}: caffe {time_text(middle(measured, 'caffe'))}"
    shares = [outcome["of_share"] for outcome in measured["entries"]["caffe"]["rounds"] if "of_share" in outcome]
    if shares:
        return f"{mine}, {spread(shares)} times what the share left would take"
    rival = best(measured)
    if rival is None:
        return f"{mine}; no peer was measured"
    return f"{mine}, best peer {rival} {time_text(middle(measured, rival))}, ratio {spread(ratios(measured)[rival])}"


def time_text(seconds):
    return f"{seconds:.2f} s" if seconds >= 10 else f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def write(results, root):
    path = root / "docs/benchmarks.md"
    before, rest = path.read_text().split(BEGIN)
    after = rest.split(END)[1]
    (root / CHART).write_text(chart.draw(_bars(results)))
    path.write_text(before + BEGIN + "\n" + _body(results) + END + after)


def _rows(results, *kinds):
    """The measured rows of some kinds, in the order of all rows, whatever the order they were measured in."""
    return [(row.name, results["rows"][row.name]) for row in rows.ROWS
            if row.kind in kinds and "skipped" not in results["rows"].get(row.name, dict(skipped=""))]


def _bars(results):
    bars = []
    for _, row in _rows(results, "inference", "bf16", "training", "start", "load"):
        rival = best(row)
        if rival:
            bars.append((row["title"], rival, ratios(row)[rival]))
    return bars


def _body(results):
    parts = [_machine(results), f"![How much longer the best peer takes]({CHART.removeprefix('docs/')})\n"]
    for heading, kinds in (("Inference", ["inference", "bf16"]), ("Training", ["training"]), ("Start and load", ["start", "load"])):
        rows = _rows(results, *kinds)
        if rows:
            parts.append(f"### {heading}\n\n{_table(rows)}")
    memory = [(name, row) for name, row in _rows(results, "inference", "bf16", "training") if row["batch"] == 1 or row["kind"] == "training"]
    if memory:
        parts.append(f"### Memory\n\nThe most main memory the process held.\n\n{_memory(memory)}")
    shares = _rows(results, "crowded", "shared")
    if shares:
        parts.append(f"### Sharing the machine\n\n{_shares(shares)}")
    parts.append(_left_out(results))
    return "\n".join(part for part in parts if part)


def _machine(results):
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    library = machine["oneDNN"]
    counts = [len(row["entries"]["caffe"]["rounds"]) for row in results["rows"].values() if "entries" in row]
    return (f"Measured on {results['date']}: {machine['processor']}, {machine['cores']} cores, {machine['memory'] / 1e9:.0f} GB, "
            f"{machine['caffe']}, oneDNN {library['version']} ({library['instructionSet']}). Peers: {versions}. "
            f"Rounds: {min(counts)} to {max(counts)} a row.\n")


def _table(rows):
    lines = ["| work | this engine | best peer | takes times as long | all peers |", "|---|---|---|---|---|"]
    for _, row in rows:
        rival = best(row)
        mine = time_text(middle(row, "caffe")) + _mark(row, "caffe")
        others = ", ".join(f"{label} {spread(values)}{_mark(row, label)}" for label, values in ratios(row).items())
        theirs = [rival, spread(ratios(row)[rival])] if rival else ["none measured", ""]
        name = f"{theirs[0]} {time_text(middle(row, rival))}" if rival else theirs[0]
        lines.append(f"| {row['title']} | {mine} | {name} | **{theirs[1]}** | {others} |" if rival else f"| {row['title']} | {mine} | {name} | | |")
    return "\n".join(lines) + "\n"


def _mark(row, label):
    return " *" if any(outcome.get("disturbed") for outcome in row["entries"][label]["rounds"]) else ""


def _memory(rows):
    lines = ["| work | this engine | best peer | ratio |", "|---|---|---|---|"]
    for _, row in rows:
        rival = best(row, "peak")
        mine = f"{middle(row, 'caffe', 'peak') / 1e6:.0f} MB"
        if rival:
            theirs = f"{rival} {middle(row, rival, 'peak') / 1e6:.0f} MB"
            lines.append(f"| {row['title']} | {mine} | {theirs} | {statistics.median(ratios(row, 'peak')[rival]):.2f} |")
        else:
            lines.append(f"| {row['title']} | {mine} | none measured | |")
    return "\n".join(lines) + "\n"


def _shares(rows):
    lines = ["| work | time | times what the share of the machine left would take |", "|---|---|---|"]
    for _, row in rows:
        shares = [outcome["of_share"] for outcome in row["entries"]["caffe"]["rounds"]]
        lines.append(f"| {row['title']} | {time_text(middle(row, 'caffe'))} | {spread(shares)} |")
    return "\n".join(lines) + "\n"


def _left_out(results):
    reasons = {}
    for row in results["rows"].values():
        if "skipped" in row:
            reasons.setdefault((row["title"], row["skipped"]), []).append("")
        for label, entry in row.get("entries", {}).items():
            if "skipped" in entry:
                reasons.setdefault((label, entry["skipped"]), []).append(row["title"])
    lines = [f"- {label}{': ' + '; '.join(titles) if any(titles) else ''} ({reason})" for (label, reason), titles in reasons.items()]
    return "Left out:\n\n" + "\n".join(lines) + "\n" if lines else ""
