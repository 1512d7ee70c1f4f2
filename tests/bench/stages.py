#!/usr/bin/env python3
"""Where the microseconds of a claim in a batch go: runs `bench batch` under Linux perf and sums the samples by stage.

Usage: python3 tests/bench/stages.py BENCH [CLAIMS]

BENCH is the program built with frame pointers:
    make B=build/frames CFLAGS=-fno-omit-frame-pointer build/frames/bench/bench
The libraries of a distribution have none, so a stack that passes through Lua or libsodium is cut there. Such a stack is told by its
end: what Lua calls is deciding, and what ends in libsodium outside of verification is sealing.
"""
import os
import re
import subprocess
import sys
import tempfile

# The first that stands anywhere in the stack, in this order.
STAGES = [
    ("", ("claim_bytes", "build_ledger", "enrol", "enrol.constprop.0", "sign_batch")),  # the bench's own
    ("signature, salts, leaves", ("step_open", "step_leaves", "aver_intake_open")),
    ("look-ahead: read, filing id, keys", ("step_look", "put_in_order")),
    ("state root: the trie", ("aver_view_memory_root",)),
    ("log: hash, write, sync", ("aver_log_append", "pwritev64", "fdatasync", "posix_fadvise")),
    ("tiles and checkpoint", ("aver_ledger_publish",)),
    ("LMDB", ("aver_ledger_flush", "aver_store_commit", "aver_ledger_epoch_ended")),
    ("intake receipts: one signature", ("sign_receipts",)),
    ("sealing and its commitments", ("aver_group_seal",)),
    ("commitments of what was read and written", ("aver_work_touches",)),
    ("history and balances", ("aver_adjudicate_write",)),
    ("deciding: contracts, host, policy", ("aver_adjudicate",)),
    ("applying: reading, records, the receipt's bytes", ("aver_apply",)),
    ("at its turn: still true, into the group", ("take", "aver_ahead_commit", "aver_ahead_holds", "aver_group_put")),
    ("the rest of intake", ("aver_ledger_take", "step_execute", "aver_intake_ahead")),
]
ROOTS = ("main", "member_main", "start_thread", "__libc_start_call_main", "_start", "clone3")


def stage_of(stack):
    names = {re.sub(r"\.(part|isra|constprop)\.\d+.*", "", symbol) for symbol, _ in stack}
    for stage, marks in STAGES:
        if names.intersection(marks):
            return stage
    library = os.path.basename(stack[0][1])
    if library.startswith("liblmdb"):
        return "LMDB"
    if library.startswith("libsodium"):
        return "sealing and its commitments"
    if not names.intersection(ROOTS):
        for _, where in stack:
            if os.path.basename(where).startswith(("liblua", "bench")):
                return "deciding: contracts, host, policy"
    return "not told: the kernel, libc, what lost its stack"


def stacks_of(path):
    text = subprocess.run(["perf", "script", "-i", path, "-F", "comm,tid,period,ip,sym,dso"], check=True,
                          capture_output=True, text=True).stdout
    for block in text.split("\n\n"):
        lines = block.strip("\n").split("\n")
        head = re.search(r"(\d+):?\s*$", lines[0])
        frames = [re.match(r"\s+[0-9a-f]+ (.*) \((.*)\)$", line) for line in lines[1:]]
        stack = [(f.group(1).split("+")[0], f.group(2)) for f in frames if f]
        if head and stack:
            yield int(head.group(1)), stack


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    claims = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    sums = {}
    with tempfile.TemporaryDirectory() as scratch:
        data = os.path.join(scratch, "perf.data")
        run = subprocess.run(["perf", "record", "-q", "-F", "4000", "--call-graph", "fp", "-o", data, sys.argv[1],
                              "batch", str(claims)], check=True, capture_output=True, text=True)
        for period, stack in stacks_of(data):
            stage = stage_of(stack)
            sums[stage] = sums.get(stage, 0) + period
    print(run.stdout, end="")
    sums.pop("", None)
    total = sum(sums.values())
    for stage, ns in sorted(sums.items(), key=lambda item: -item[1]):
        print(f"  {ns / claims / 1000:8.1f} us {100 * ns / total:5.1f} %  {stage}")
    print(f"  {total / claims / 1000:8.1f} us in all")


main()
