"""docs/verifiable-results.md in Python: results.json ballots.jsonl battle.json [proof.json]."""
import json, sys
from collections import Counter, defaultdict
from datetime import datetime
from hashlib import sha256
from uuid import UUID
def clean(value):
    if isinstance(value, dict):
        return {key: clean(one) for key, one in value.items() if one is not None}
    return [clean(one) for one in value] if isinstance(value, list) else value
def canonical(value):
    form = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False}
    return json.dumps(clean(value), **form).encode()
def node(left, right):
    return sha256(b"\1" + left + right).digest()
def tree(n):
    k = 1 << max(len(n) - 1, 1).bit_length() - 1
    return node(tree(n[:k]), tree(n[k:])) if len(n) > 1 else n[0] if n else sha256(b"").digest()
def climb(leaf, f, size, path):
    s, r = size - 1, leaf
    for p in path:
        if f % 2 or f == s:
            r = node(p, r)
            while f % 2 == 0 and f > 0:
                f, s = f // 2, s // 2
        else: r = node(r, p)
        f, s = f // 2, s // 2
    return r if s == 0 else None
def faults(results, ballots, battle, proof):
    good, bad = [b for b in ballots if "voided" not in b], [b for b in ballots if "voided" in b]
    root = bytes.fromhex(results["merkleRoot"])
    yield "order", ballots == good + bad and len({b["leaf"] for b in ballots}) == len(ballots)
    yield "root", tree([bytes.fromhex(b["leaf"]) for b in good]) == root
    lines = b"".join(canonical(b) + b"\n" for b in ballots)
    yield "ballotsHash", sha256(lines).hexdigest() == results["ballotsHash"]
    yield "rulesHash", sha256(canonical(battle["rules"])).hexdigest() == results["rulesHash"]
    by_entry, rows = defaultdict(list), results["ranking"]
    for b in good:
        by_entry[b["entryId"]].append(b)
    yield "entries", set(by_entry) <= {r["entryId"] for r in rows}
    yield "totals", (len(good), len(bad)) == (results["totalVotes"], results["voidedVotes"])
    reasons = sorted(Counter(b["voided"]["reason"] for b in bad).items())
    yield "reasons", reasons == [(r["reason"], r["count"]) for r in results["voidedByReason"]]
    for r in rows:
        own = by_entry[r["entryId"]]
        yield "counts", (r["votes"], r["weightedVotes"], r["uniqueVoters"]) == (
            len(own), sum(b["weight"] for b in own), len(own))
        newest = max((b["createdAt"][:19] for b in own), default="")
        yield "lead", (r["lastVoteAt"] or "")[:19] == newest
    steps = {"earliestLead": lambda r: (r["lastVoteAt"] or "9999", r["lastVoteAt"] or "none"),
             "earliestSubmission": lambda r: (r["submissionTime"],) * 2}
    def keys(r):
        chain = [(s, *(steps[s](r) if s in steps else (-r[s], str(r[s]))))
                 for s in battle["rules"]["tieBreakers"]]
        return chain + [("draw", *(sha256(root + UUID(r["entryId"]).bytes).hexdigest(),) * 2)]
    order = sorted(rows, key=lambda r: (-r["votes"], [k[1] for k in keys(r)]))
    yield "ranking", order == rows and [r["rank"] for r in rows] == list(range(1, len(rows) + 1))
    for i, r in enumerate(rows):
        equals = [o for o in rows[max(0, i - 1):i] + rows[i + 1:i + 2] if o["votes"] == r["votes"]]
        at = [next(n for n, k in enumerate(keys(r)) if k[1] != keys(o)[n][1]) for o in equals]
        told = {"by": keys(r)[max(at)][0], "value": keys(r)[max(at)][2]} if at else None
        yield "tieBreak", r["tieBreak"] == told
    times = (results["certifiesAt"] is None, results["certifiedAt"] is not None)
    yield "state", times == (results["state"] == "certified",) * 2
    if proof:
        at = datetime.fromisoformat(proof["createdAt"].replace("Z", "+00:00")).timestamp()
        parts = [UUID(proof["voteId"]).bytes, UUID(proof["entryId"]).bytes,
                 proof["weight"].to_bytes(8, "big"), round(at * 1000).to_bytes(8, "big")]
        leaf = sha256(b"\0\1" + b"".join(parts) + bytes.fromhex(proof["salt"])).digest()
        place = [b["leaf"] for b in good][proof["index"]:][:1]
        yield "proof", [leaf.hex()] == [proof["leaf"]] == place and proof["size"] == len(good)
        path = map(bytes.fromhex, proof["path"])
        yield "path", climb(leaf, proof["index"], proof["size"], path) == root
if __name__ == "__main__":
    texts = [open(name, encoding="utf-8").read() for name in sys.argv[1:]]
    read = [json.loads(t) for t in texts[:1] + texts[2:]] + [None]
    lines = [json.loads(line) for line in texts[1].split("\n") if line]
    found = [name for name, ok in faults(read[0], lines, *read[1:3]) if not ok]
    print("FAULT: " + ", ".join(dict.fromkeys(found)) if found else "The result holds.")
    sys.exit(1 if found else 0)
