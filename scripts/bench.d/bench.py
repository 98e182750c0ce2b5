"""The program behind scripts/bench; see there."""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

import environment
import page
import rows
from peers import NAMES

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    options = arguments()
    results = ROOT / "bench" / "results.json"
    if options.page:
        return page.write(json.loads(results.read_text()), ROOT)
    # These need what is installed for them; the help and the page do without.
    from competition import Competition
    from ours import Ours
    caffe = os.path.abspath(os.environ.get("CAFFE") or ROOT / ".build/release/caffe")
    if not os.access(caffe, os.X_OK):
        raise SystemExit(f"bench: there is no {caffe}; run 'make build' first")
    chosen = rows.chosen(options.rows or (rows.QUICK if options.quick else [row.name for row in rows.ROWS]))
    obstacles = environment.provide(options.peers, installs=not os.environ.get("CAFFE_PEERS"))
    for name, obstacle in obstacles.items():
        if obstacle:
            say(f"{name} left out: {obstacle}")
    work = ROOT / "bench" / "work"
    rounds, seconds, tries = (1, 1.0, 1) if options.quick else (5, 2.5, 3)
    competition = Competition(Ours(caffe, work), work, obstacles, options.rounds or rounds, seconds, tries, say)
    known = json.loads(results.read_text()) if results.exists() else {}
    for row in chosen:
        measured = dict(title=row.title, kind=row.kind, net=row.net, batch=row.batch, **competition.measured(row))
        known.setdefault("rows", {})[row.name] = measured
        known.setdefault("versions", {}).update(environment.versions(options.peers))
        known.update(machine=machine(caffe), date=time.strftime("%Y-%m-%d", time.gmtime()))
        save(results, known)
        say(page.summary(row.name, measured))
    say(f"written to {results.relative_to(ROOT)}; 'scripts/bench --page' puts it into docs/benchmarks.md")


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    names = lambda text: text.split(",")
    parser.add_argument("--rows", type=names, help="rows to measure, separated by commas: " + ", ".join(row.name for row in rows.ROWS))
    parser.add_argument("--rounds", type=int, help="how often each is measured; 5, or 1 with --quick")
    parser.add_argument("--quick", action="store_true", help="a few rows, one short round")
    parser.add_argument("--peers", type=names, default=NAMES, help="the engines to compare with: " + ",".join(NAMES))
    parser.add_argument("--page", action="store_true", help="write docs/benchmarks.md from the results there are, and measure nothing")
    options = parser.parse_args()
    options.peers = [name for name in options.peers if name]
    wrong = [name for name in options.peers if name not in NAMES]
    if wrong:
        parser.error(f"there is no peer {', '.join(wrong)}; there are {', '.join(NAMES)}")
    return options


def machine(caffe):
    report = json.loads(subprocess.run([caffe, "device_query", "--json"], capture_output=True, text=True, check=True).stdout)
    version = subprocess.run([caffe, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return dict(processor=report.get("processor") or platform.processor(), cores=os.cpu_count(), memory=report["memory"],
                oneDNN=report["oneDNN"], caffe=version)


def save(path, results):
    path.parent.mkdir(exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(results, indent=1) + "\n")
    partial.replace(path)


def say(text):
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
