#!/usr/bin/env bash
# SQLite: with "PRAGMA secure_delete = ON" some of what was deleted still stands in the file.
#
# A good guess: with it, deleted content is overwritten with zeros, and nothing of it can be found in the file, as its page says.
# What happens: where a page was full and its rows were moved to another one, copies of them are left in the gap of the page. The later
#   deletion overwrites the row where it is, not the copy. Rows in no order and rows that grow make that likelier. VACUUM removes it.
# Seen: 2026-11-29, SQLite 3.54.1 (apsw 3.54.1.0).
#   deleted rows of 1000 that are still in the file: 5; after VACUUM: 0
# For a phone line: who takes back a name or a voice is promised that nothing is left. Delete, then VACUUM, then truncate the log
#   (PRAGMA wal_checkpoint(TRUNCATE)), and search the files in a test.
set -euo pipefail
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
python3 -m venv "$T/v"
"$T/v/bin/pip" install -q apsw==3.54.1.0
"$T/v/bin/python" - "$T/a.db" <<'PY'
import hashlib
import random
import sys

import apsw

path = sys.argv[1]
random.seed(1)
name = [hashlib.md5(str(number).encode()).hexdigest() for number in range(2000)]
database = apsw.Connection(path)
database.execute("PRAGMA secure_delete = ON")
assert database.execute("PRAGMA secure_delete").fetchall() == [(1,)]
database.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, owner INTEGER, name TEXT UNIQUE, words TEXT)")
with database:
    for number in range(2000):
        words = "words " * random.randint(1, 30)
        database.execute("INSERT INTO row (owner, name, words) VALUES (?, ?, ?)", (number % 2, name[number], words))
        if random.random() < 0.2:  # a row grows
            longer = "w " * random.randint(1, 300), random.randint(1, number + 1)
            database.execute("UPDATE row SET words = ? WHERE id = ?", longer)
database.execute("DELETE FROM row WHERE owner = 0")


def left():
    with open(path, "rb") as file:
        whole = file.read()
    assert name[1].encode() in whole  # of the other owner
    return sum(each.encode() in whole for each in name[::2])


before = left()
database.execute("VACUUM")
after = left()
print(f"SQLite {apsw.sqlite_lib_version()}")
print(f"deleted rows of 1000 that are still in the file: {before}; after VACUUM: {after}")
assert before > 0
assert after == 0
PY
echo "as seen"
