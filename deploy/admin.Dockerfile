# `dasein-admin`: keys, backups, a look at the farm. It reaches every store, so it carries all their drivers.
FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d AS build
RUN python -m venv /venv
COPY requirements/admin.lock /tmp/lock
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r /tmp/lock

FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d
# Volumes that are new take their owner from here: /tls is the proxy's.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin dasein \
    && install -d -o dasein /data /keys /backups && install -d -o 101 -g 101 /tls
COPY --from=build /venv /venv
WORKDIR /app
COPY Procfile Procfile
COPY config config
COPY jobs jobs
COPY stores stores
COPY renode renode
COPY workers workers
COPY web web
COPY deploy deploy
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DASEIN_DATA_DIR=/data
USER dasein
VOLUME /data
ENTRYPOINT ["python", "-m", "deploy.admin"]
CMD ["--help"]
