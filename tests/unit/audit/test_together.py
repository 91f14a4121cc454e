"""Several programs that keep their traces in one folder at the same time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from nstui.audit.log import FileAuditLog

PROGRAMS = 4
TIMES = 25
KEEP = 5

PROGRAM = f"""
import sys
from dataclasses import replace
from pathlib import Path
from nstui.audit.log import FileAuditLog
from tests.unit.audit.traces import entry, removed
audit_log = FileAuditLog(Path(sys.argv[1]), keep={KEEP})
for number in range({TIMES}):
    audit_log.append(replace(entry(number, error="x" * 9000), plan=sys.argv[2]))
    audit_log.save(removed(f"{{sys.argv[2]}}-{{number}}", number))
    audit_log.require_writable()
"""


def test_no_line_is_lost_or_mixed_and_no_record_is_damaged(tmp_path: Path) -> None:
    programs = [
        subprocess.Popen(
            (sys.executable, "-W", "error", "-c", PROGRAM, str(tmp_path), str(number)),
            cwd=Path(__file__).parents[3],
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(PROGRAMS)
    ]
    for program in programs:
        _, err = program.communicate(timeout=60)
        assert (program.returncode, err) == (0, "")
    lines = tmp_path.joinpath("actions.jsonl").read_bytes().splitlines()
    entries = [json.loads(line) for line in lines]
    assert Counter(entry["plan"] for entry in entries) == {
        str(number): TIMES for number in range(PROGRAMS)
    }
    for number in range(PROGRAMS):
        own = [entry["number"] for entry in entries if entry["plan"] == str(number)]
        assert own == list(range(TIMES))
    audit_log = FileAuditLog(tmp_path, keep=KEEP)
    assert len(audit_log.removed()) == KEEP
    assert audit_log.damaged() == ()
    assert len(list(tmp_path.joinpath("removed").iterdir())) == KEEP
