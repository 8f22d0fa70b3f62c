"""Prints every GET route of a running demo server, as `name TAB address`, for sqlmap.

Usage: targets.py BASE_URL [TEXT]. Each segment and each value that a client chooses ends in an
asterisk; ids are those of things that are there, so that the statements behind them find rows.
"""

import json
import sys
import time
import urllib.parse
import urllib.request

PATIENCE_S = 120  # the demonstration begins with empty battles
NOBODY = "0198c0de-0000-7000-8000-000000000001"
MADE = {"sid": "sess_1", "proposalId": NOBODY, "voteId": NOBODY, "cursor": "abc"}
SKIPPED = {"/metrics", "/api/openapi.json"}  # no parameter, no statement


def get(base, path, token=None):
    request = urllib.request.Request(base + path)
    if token:
        request.add_header("Authorization", "Bearer " + token)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def known_ids(base):
    """Ids of a battle, of an entry and of a user, as the demonstration made them."""
    for _ in range(PATIENCE_S):
        battles = get(base, "/api/v1/battles?sort=mostVotes&limit=100")["items"]
        for battle in battles:
            entries = get(base, f"/api/v1/battles/{battle['id']}/entries")["items"]
            if entries:
                return {"battles": battle["id"], "entries": entries[0]["id"],
                        "users": entries[0]["userId"]}
        time.sleep(1)
    raise SystemExit("the demonstration has no battle with an entry")


def fill_path(path, ids):
    parts = path.split("/")
    for i, part in enumerate(parts):
        if not part.startswith("{"):
            continue
        name = part.strip("{}")
        value = MADE.get(name) or ids.get(parts[i - 1], NOBODY)
        parts[i] = value + "*"
    return "/".join(parts)


def sample(parameter, document):
    schema = parameter["schema"]
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            schema = next(one for one in schema[key] if one.get("type") != "null")
            return sample({"name": parameter["name"], "schema": schema}, document)
    if parameter["name"] in MADE:
        return MADE[parameter["name"]]
    if "enum" in schema:
        return str(next(one for one in schema["enum"] if one is not None))
    kind = schema.get("type")
    kind = kind if isinstance(kind, str) else next((k for k in kind or [] if k != "null"), None)
    if kind in ("integer", "number"):
        return "20"
    if kind == "boolean":
        return "true"
    if schema.get("format") == "uuid":
        return NOBODY
    if schema.get("format") == "date-time":
        late = parameter["name"] in ("to", "until")
        return "2026-12-01T00:00:00.000Z" if late else "2026-11-01T00:00:00.000Z"
    return "battle"


def main(base, text):
    document = get(base, "/api/openapi.json")
    ids = known_ids(base)
    for path, item in document["paths"].items():
        if "get" not in item or path in SKIPPED or text not in path:
            continue
        wanted = [p for p in item["get"].get("parameters", []) if p["in"] == "query"]
        # A list goes on only from a cursor of its own; without one the other values are looked at.
        groups = [[p for p in wanted if p["name"] != "cursor"]]
        if len(groups[0]) < len(wanted):
            groups.append([p for p in wanted if p["name"] == "cursor"])
        for group in groups:
            pairs = [f"{p['name']}={urllib.parse.quote(sample(p, document))}*" for p in group]
            target = base + fill_path(path, ids) + ("?" + "&".join(pairs) if pairs else "")
            if "*" in target:
                print(f"GET {path}", target, sep="\t")


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), sys.argv[2] if len(sys.argv) > 2 else "")
