"""Configuration of the web server, read by `gunicorn -c config/gunicorn.py web.wsgi:app`.

gevent workers hold thousands of long polls each. One process is enough for one machine: it only parses and forwards;
more of them (`DASEIN_WEB_PROCESSES`) each hold waiters of their own.
"""

import os
import shutil
import threading
import time
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

from config.access import is_closed
from config.logs import configure_logs
from config.metrics_folder import VARIABLE, make_folder
from config.settings import Settings

settings = Settings()

bind = f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}"
worker_class = "web.serving.Worker"
workers = settings.web_processes
# Waiters, and as many connections again for everything else.
worker_connections = 2 * settings.waiters_limit
backlog = 2048
timeout = 60
graceful_timeout = 5
# Idle connections would hold up a stop for as long, and so do heads of requests that never become complete.
keepalive = settings.limits.idle_s
limit_request_line = 4096
limit_request_fields = 64
limit_request_field_size = 8190
# No proxy stands before a server on loopback: nobody's word on paths, schemes and addresses is taken.
forwarded_allow_ips = ""
forwarder_headers = ""
control_socket_disable = True
loglevel = settings.log_level.lower()
proc_name = "dasein-web"


def on_starting(server: Any) -> None:
    """Refuse to listen where others could reach us, and make room for the numbers of this run."""
    for address in server.cfg.address:
        if isinstance(address, tuple) and not _loopback(address[0]) and not is_closed(settings):
            message = (
                f"Refusing to listen on {address[0]}: there are no keys yet, so only loopback is allowed. "
                "`make key` makes the first one."
            )
            raise SystemExit(message)
    # Before prometheus_client is imported: it decides then whether its numbers are shared between processes.
    make_folder()
    configure_logs(settings.logs)
    # One JSON line per event, from the server as from everything else.
    for logger in (server.log.error_log, server.log.access_log):
        logger.handlers.clear()
        logger.propagate = True


def post_fork(_server: Any, worker: Any) -> None:
    """Tell a process how slow its clients may be."""
    limits = settings.limits
    worker.slowest = replace(worker.slowest, patience_s=limits.patience_s, bytes_per_s=limits.bytes_per_s)


def post_worker_init(worker: Any) -> None:
    """Answer whoever waits when this process is asked to stop, rather than let them run into the grace period."""
    hub = worker.wsgi.extensions["hub"]
    worker.wsgi.extensions["deliverer"].start()

    def see_off() -> None:
        while worker.alive:
            time.sleep(0.2)
        hub.stop()

    # After the worker's monkey patching a thread is a greenlet.
    threading.Thread(target=see_off, name="see-off", daemon=True).start()


def child_exit(_server: Any, worker: Any) -> None:
    """Take a process that ended out of the sums of what is live."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415  # after the folder is made

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # the library has no types


def on_exit(_server: Any) -> None:
    """Leave no numbers behind."""
    if VARIABLE in os.environ:
        shutil.rmtree(os.environ[VARIABLE], ignore_errors=True)


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
