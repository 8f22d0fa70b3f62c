#!/usr/bin/env python3
"""Tells which registered queries no test has executed.

Usage: queries_ran.py LIST_PROGRAM LOG
LIST_PROGRAM prints the names of all queries (build/.../tests/tree/list_queries); LOG is the file
that the environment variable WILDNOUT_QUERY_LOG named while the test programs ran.
"""
import subprocess
import sys
from pathlib import Path


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    listing = subprocess.run([sys.argv[1]], check=True, capture_output=True, text=True).stdout
    executed = set(Path(sys.argv[2]).read_text(encoding="utf-8").split())
    idle = [name for name in listing.split() if name not in executed]
    for name in idle:
        print(f"query {name}: no test has run it")
    if not idle:
        print(f"{len(listing.split())} queries, each run by a test")
    return 1 if idle else 0


if __name__ == "__main__":
    sys.exit(main())
