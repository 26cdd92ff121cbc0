"""Nothing leaves the machine: all works where there is no network, and where there is one the kernel sees no use of it.

Real models, real processes. What Python's own hooks would miss, such as a library in C++, is seen here.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from cli_material import ROOT

pytestmark = pytest.mark.slow

SESSION = str(Path(__file__).with_name("offline_session.py"))
WATCHED = "connect,sendto,sendmsg,sendmmsg"
_TRACE = ["strace", "-f", "-qq", "--seccomp-bpf", "-s", "64", "-e", f"trace={WATCHED}"]
_CALL = re.compile(r"(connect|sendto|sendmsg|sendmmsg)\(")
_FAMILY = re.compile(r"sa_family=(AF_\w+)")
_PLACE = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')
_NAMES = re.compile(r"htons\((?:53|853|5353|5355)\)")  # a server on loopback may ask others for a name


def foreign(trace: str) -> list[str]:
    """Return the lines of a trace in which something was sent beyond this machine, or a name was asked for."""
    return [line for line in trace.splitlines() if _CALL.search(line) and not _is_near(line)]


def _is_near(line: str) -> bool:
    if _NAMES.search(line):
        return False
    if {*_FAMILY.findall(line)} <= {"AF_UNIX", "AF_NETLINK", "AF_UNSPEC"}:
        return True  # a socket of this machine's own, or one that is connected already
    places = [ipaddress.ip_address(first or second) for first, second in _PLACE.findall(line)]
    return bool(places) and all((getattr(one, "ipv4_mapped", None) or one).is_loopback for one in places)


def run(command: Sequence[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([*command, *arguments], capture_output=True, text=True, env=environment, timeout=500)


def require(tool: str, *probe: str) -> None:
    """Skip where the tool is missing or not permitted; where CI has promised it, fail."""
    works = shutil.which(tool) and run([tool, *probe]).returncode == 0
    if not works:
        message = f"{tool} is missing or not permitted here"
        is_promised = bool(os.environ.get("CI")) and os.name == "posix" and os.geteuid() == 0
        pytest.fail(message) if is_promised else pytest.skip(message)


def check(told: dict[str, Any]) -> None:
    """Every step of the session came to something."""
    assert told["index"]["added"] == 24
    assert told["search"][0]["title"]
    assert told["ask"]["retrieved"]
    assert "process_completed" in told["page"]
    assert "5.2 percent" in told["page"]


def test_everything_works_where_there_is_no_network(tmp_path: Path) -> None:
    cut = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    require(*cut, "true")
    ended = run([*cut, sys.executable, SESSION, str(tmp_path)])
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told["cut_off"]
    check(told)
    assert "5.2 percent" in told["ask"]["answer"]
    assert told["doctor"]


def test_where_there_is_a_network_nothing_is_sent_into_it(tmp_path: Path, smollm_path: Path) -> None:
    require(*_TRACE, "-o", str(tmp_path / "probe"), "true")
    seen = tmp_path / "trace"
    ended = run([*_TRACE, "-o", str(seen), sys.executable, SESSION, str(tmp_path), "smollm2-135m"])
    assert ended.returncode == 0, ended.stderr
    check(json.loads(ended.stdout))
    trace = seen.read_text(errors="replace")
    assert "127.0.0.1" in trace  # the page was asked over loopback, and that was seen
    assert foreign(trace) == []


REACHES_OUT = """import socket
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    try: s.sendto(b'hello', ('192.0.2.1', 9))
    except OSError: pass
"""


def test_the_watch_sees_what_is_sent_outside(tmp_path: Path) -> None:
    require(*_TRACE, "-o", str(tmp_path / "probe"), "true")
    seen = tmp_path / "trace"
    run([*_TRACE, "-o", str(seen), sys.executable, "-c", REACHES_OUT])
    (line,) = foreign(seen.read_text())
    assert "192.0.2.1" in line


@pytest.mark.parametrize(
    ("line", "is_foreign"),
    [
        ('1 connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.7")}, 16) = 0', True),
        ('1 connect(3, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 0', True),
        ('1 connect(3, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), '
         'inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = -1 EINPROGRESS', True),
        ('1 connect(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, 16) = 0', False),
        ('1 connect(3, {sa_family=AF_INET6, sin6_port=htons(80), sin6_flowinfo=htonl(0), '
         'inet_pton(AF_INET6, "::ffff:127.0.0.1", &sin6_addr), sin6_scope_id=0}, 28) = 0', False),
        ('1 connect(3, {sa_family=AF_UNIX, sun_path="/run/nscd/socket"}, 110) = -1 ENOENT', False),
        ('1 sendto(5, "x", 1, 0, NULL, 0) = 1', False),
        ('1 sendto(5, "x", 1, 0, {sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("10.0.0.1")}, 9)', True),
        ("1 +++ exited with 0 +++", False),
    ],
)  # fmt: skip
def test_a_line_of_the_trace_is_read(line: str, is_foreign: bool) -> None:
    assert (foreign(line) == [line]) is is_foreign
