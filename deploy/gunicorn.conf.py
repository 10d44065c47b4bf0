"""How gunicorn serves an instance: as many processes as its settings say, and no line about a visitor.

    gunicorn --config gunicorn.conf.py 'app:create_app()'

Processes, threads and connections are read where the site reads them (docs/operations.md, Settings), so that
the shares of all limits add up to one. It listens where systemd or `--bind` says, else on TIN_NHIEM_LISTEN
and TIN_NHIEM_PORT. Danger: an access log would hold who voted when, and so would gunicorn's warnings, which
repeat headers and addresses; what a process of the site has to say comes from itself.
"""

import gc
from importlib import import_module

from surveys.settings import read_settings

# The modules are loaded once, before the processes part; what belongs to a process (stores, threads, keys) it
# makes itself in create_app.
import_module("app")
# What all share is not walked through by each, which would copy it, and end each of them seconds later.
gc.freeze()
_settings = read_settings()
bind = [f"{_settings.listen}:{_settings.port}"]
workers = _settings.processes
worker_class = "gthread"
threads = _settings.threads
worker_connections = _settings.connections
accesslog = None
errorlog = "-"
loglevel = "error"
worker_tmp_dir = "/dev/shm"  # noqa: S108  (an empty file that tells that a process is alive: not on a disk)
control_socket_disable = True
timeout = 120
# As long as `surveys serve` gives what was begun. The unit waits longer (TimeoutStopSec).
graceful_timeout = 30
