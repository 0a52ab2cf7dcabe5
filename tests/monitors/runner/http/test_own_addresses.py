"""The public addresses of this machine are closed like private ones, whatever interface has them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

OWN_IPV4, NEXT_IPV4, OWN_IPV6 = "93.184.216.34", "93.184.216.35", "2606:4700::1111"

MACHINE = """
import contextlib, ctypes, fcntl, json, socket, struct, sys, time
from monitors.runner.http import EgressPolicy, HttpClient, OutgoingRequest, RequestFailed

NEW_USER, NEW_NET, SET_ADDRESS, SET_NETMASK, SET_FLAGS, UP = 0x10000000, 0x40000000, 0x8916, 0x891C, 0x8914, 1
libc = ctypes.CDLL(None)
if libc.unshare(NEW_NET) and libc.unshare(NEW_USER | NEW_NET):
    sys.exit("no network of one's own")
ipv4, ipv6, policies = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])

def of(address):
    return struct.pack("16sHH4s8x", b"lo", socket.AF_INET, 0, socket.inet_aton(address))

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
    fcntl.ioctl(control, SET_FLAGS, struct.pack("16sH14x", b"lo", UP))
    fcntl.ioctl(control, SET_ADDRESS, of(ipv4))
    fcntl.ioctl(control, SET_NETMASK, of("255.255.255.255"))
with contextlib.suppress(OSError), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as control:
    address = socket.inet_pton(socket.AF_INET6, ipv6)
    fcntl.ioctl(control, SET_ADDRESS, struct.pack("16sIi", address, 128, socket.if_nametoindex("lo")))

def has_ipv6():
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        with contextlib.suppress(OSError):
            probe.bind((ipv6, 0))
            return True

# The kernel gives an IPv6 address to the interface a moment after it was asked to.
deadline = time.monotonic() + 5
while not has_ipv6() and time.monotonic() < deadline:
    time.sleep(0.01)

server = socket.create_server((ipv4, 0))

def answer(policy):
    with HttpClient(policy, timeout_ms=1000) as client:
        try:
            client.send(OutgoingRequest("GET", f"http://{ipv4}:{server.getsockname()[1]}/"))
        except RequestFailed as failure:
            return failure.explanation

closed = EgressPolicy()
print(json.dumps({
    "permits": {address: closed.permits(address) for address in policies},
    "opened": EgressPolicy.from_text([ipv4]).permits(ipv4),
    "answer": answer(closed),
}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="networks of one's own are Linux's")
def test_the_machines_own_public_addresses_are_closed() -> None:
    carriers = [f"::ffff:{OWN_IPV4}", f"64:ff9b::{OWN_IPV4}", "2002:5db8:d822::1"]
    done = subprocess.run(
        [sys.executable, "-c", MACHINE, OWN_IPV4, OWN_IPV6]
        + [json.dumps([OWN_IPV4, OWN_IPV6, *carriers, NEXT_IPV4, "2606:4700::1112"])],
        cwd=Path(__file__).parents[4],
        capture_output=True,
        text=True,
    )
    if "no network" in done.stderr:
        pytest.skip(done.stderr)
    found = json.loads(done.stdout)
    assert found["permits"] == {
        OWN_IPV4: False,
        OWN_IPV6: False,
        **dict.fromkeys(carriers, False),
        NEXT_IPV4: True,
        "2606:4700::1112": True,
    }
    assert found["opened"]
    assert "one of this machine's own" in found["answer"]
