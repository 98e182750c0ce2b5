"""Installs the peers into the Python environment this runs in, each on its own: one that cannot be had does not stop the others."""

import importlib
import importlib.metadata
import subprocess
import sys


def provide(names, installs):
    """Per peer what stands in its way, or None."""
    return {name: _provide(importlib.import_module(f"peers.{name}_peer"), installs) for name in names}


def _provide(peer, installs):
    missing = [package for package in peer.PACKAGES if not _is_there(package, exactly=installs)]
    if not missing:
        return None
    if not installs:
        return f"{', '.join(missing)} is not in the environment"
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:"]
    index = getattr(peer, "INDEX", None)
    if index:
        command += ["--extra-index-url", index]
    print(f"bench: installing {', '.join(missing)}", file=sys.stderr)
    done = subprocess.run(command + missing, capture_output=True, text=True)
    if done.returncode == 0:
        return None
    lines = [line for line in done.stderr.splitlines() if "error" in line.lower()] or done.stderr.splitlines()
    return f"pip could not install {', '.join(missing)}: {lines[-1] if lines else ''}"


def _is_there(package, exactly):
    name, version = package.split("==")
    try:
        found = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return not exactly or found.split("+")[0] == version


def versions(names):
    """The version that is there, by peer."""
    result = {}
    for name in names:
        package = importlib.import_module(f"peers.{name}_peer").PACKAGES[0].split("==")[0]
        try:
            result[name] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            pass
    return result
