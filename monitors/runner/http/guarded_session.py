"""A `requests` session behind the egress guard, for what is asked for outside of a run."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.poolmanager import PoolManager

from monitors.runner.http.connecting import Connector, Resolver, system_resolver
from monitors.runner.http.egress import EgressDenied, EgressPolicy


def guarded_session(policy: EgressPolicy, resolver: Resolver = system_resolver) -> requests.Session:
    """A session that connects only where the policy permits, also after redirects.

    It knows no proxies. Its requests raise EgressDenied for a host that is closed, and the exceptions of
    `requests` otherwise.
    """
    session = requests.Session()
    session.trust_env = False
    adapter = GuardedAdapter(Connector(policy, resolver))
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


class GuardedAdapter(HTTPAdapter):
    """Opens every connection by way of a Connector."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager: PoolManager
        self.poolmanager.pool_classes_by_scheme = _pool_classes(self._connector)

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        try:
            return super().send(request, stream, timeout, verify, cert, proxies=None)
        except requests.ConnectionError as error:
            if denied := _denied(error):
                raise denied from None
            raise


def _pool_classes(connector: Connector) -> dict[str, Any]:
    """urllib3's pools with connections that the connector opens."""

    class Connection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _open(self, connector)

    class SecureConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _open(self, connector)

    class Pool(HTTPConnectionPool):
        ConnectionCls = Connection

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = SecureConnection

    return {"http": Pool, "https": SecurePool}


def _open(connection: HTTPConnection, connector: Connector) -> socket.socket:
    """A socket as urllib3 wants it, with urllib3's exceptions."""
    timeout = connection.timeout if isinstance(connection.timeout, int | float) else None
    try:
        opened = connector.connect(connection.host.strip("[]"), connection.port or 80, timeout)
    except EgressDenied:
        raise
    except socket.gaierror as error:
        raise NameResolutionError(connection.host, connection, error) from error
    except TimeoutError as error:
        raise ConnectTimeoutError(connection, f"Connection to {connection.host} timed out") from error
    except OSError as error:
        raise NewConnectionError(connection, f"Failed to connect: {error}") from error
    opened.socket.settimeout(timeout)
    return opened.socket


def _denied(error: BaseException) -> EgressDenied | None:
    """The guard's refusal at the bottom of an exception's causes."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, EgressDenied):
            return cause
        cause = cause.__cause__ or cause.__context__
    return None
