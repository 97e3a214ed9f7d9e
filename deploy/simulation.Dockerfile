# A simulation worker: Celery, the embedded core, the statistics.
FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d AS build
RUN python -m venv /venv
COPY requirements/simulation.lock /tmp/lock
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r /tmp/lock

FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin dasein && install -d -o dasein /data /cache
COPY --from=build /venv /venv
WORKDIR /app
COPY config config
COPY jobs jobs
COPY stores stores
COPY renode renode
COPY workers workers
# Compiled kernels are cached outside the read-only tree.
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DASEIN_DATA_DIR=/data \
    NUMBA_CACHE_DIR=/cache REMAP_SIGTERM=SIGQUIT
USER dasein
VOLUME ["/data", "/cache"]
# Replicas share the host's name, so each draws one of its own; the health check asks for it.
CMD ["sh", "-c", "echo simulation-$(cut -c 1-8 /proc/sys/kernel/random/uuid)@$(hostname) > /tmp/worker && exec celery -q -A workers.app worker -I workers.simulation.tasks -Q simulation -P prefork -c 1 -n $(cat /tmp/worker) --without-gossip --without-mingle"]
