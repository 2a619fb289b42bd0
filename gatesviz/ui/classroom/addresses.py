"""Where students find this server, and the picture of a link."""

import ipaddress
import socket
from urllib.parse import urlsplit

import streamlit as st

from gatesviz.ui.code_file import base_path

OUTSIDE = ("192.0.2.1", 9)
"""An address for documentation. A UDP socket that is connected to it sends nothing."""


def origins() -> list[str]:
    """Return the addresses of the app for other machines, the likeliest one first.

    A name in the teacher's own address, such as that of a proxy, is the only one.
    """
    here = urlsplit(st.context.url or "")
    host, scheme = here.hostname or "localhost", here.scheme or "http"
    port = here.port or (None if here.hostname else st.get_option("server.port"))
    known = local_addresses()
    if not _is_loopback(host):
        known = [host, *(one for one in known if one != host)] if _is_address(host) else [host]
    ends = (f":{port}" if port else "") + base_path()
    return [f"{scheme}://{f'[{one}]' if ':' in one else one}{ends}" for one in known or [host]]


def only_here() -> bool:
    """Return whether the server answers this machine alone.

    A proxy on this machine lets others in. The reader's own address then has another host.
    """
    given = str(st.get_option("server.address") or "")
    host = urlsplit(st.context.url or "").hostname or "localhost"
    return bool(given) and _is_loopback(given) and _is_loopback(host)


def local_addresses() -> list[str]:
    """Return the IPv4 addresses of this machine in its networks, that of the way out first."""
    import psutil

    found = [
        one.address
        for interface in psutil.net_if_addrs().values()
        for one in interface
        if one.family == socket.AF_INET
    ]
    usable = [one for one in dict.fromkeys(found) if _is_usable(one)]
    out = _way_out()
    return [out, *(one for one in usable if one != out)] if out in usable else usable


def picture(link: str) -> str:
    """Return a QR picture of ``link`` as SVG, dark on white in every theme."""
    import segno

    drawn: str = segno.make(link, error="m").svg_inline(scale=6, light="#fff", border=4)
    return drawn


def _way_out() -> str:
    """Return the address from which this machine would reach other networks, or ""."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(OUTSIDE)
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def _is_usable(text: str) -> bool:
    one = ipaddress.ip_address(text)
    return not (one.is_loopback or one.is_link_local or one.is_unspecified)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return _is_address(host) and ipaddress.ip_address(host).is_loopback


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
