# A worker for questions or for ingestion, by its command: Celery, the stores' drivers, the sentence encoder. No torch.
FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d AS build
RUN python -m venv /venv
COPY requirements/query.lock /tmp/lock
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r /tmp/lock

FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin dasein && install -d -o dasein /data /backups
COPY --from=build /venv /venv
WORKDIR /app
COPY config config
COPY jobs jobs
COPY stores stores
COPY workers workers
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DASEIN_DATA_DIR=/data \
    REMAP_SIGTERM=SIGQUIT OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 POOL=query
USER dasein
VOLUME /data
# Replicas share the host's name, so each draws one of its own; the health check asks for it.
CMD ["sh", "-c", "echo $POOL-$(cut -c 1-8 /proc/sys/kernel/random/uuid)@$(hostname) > /tmp/worker && exec celery -q -A workers.app worker -I workers.query.tasks -Q $POOL -P prefork -c 1 -n $(cat /tmp/worker) --without-gossip --without-mingle"]
