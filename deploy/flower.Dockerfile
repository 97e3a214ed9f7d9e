# Flower: what Celery's workers do, live, behind a password.
FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d AS build
RUN python -m venv /venv
COPY requirements/flower.lock /tmp/lock
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r /tmp/lock

FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin dasein
COPY --from=build /venv /venv
WORKDIR /app
COPY config config
COPY jobs jobs
COPY stores stores
COPY workers workers
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DASEIN_FLOWER_USER=dasein
USER dasein
EXPOSE 5555
# The password is a file or DASEIN_FLOWER_PASSWORD, and goes on by the environment: arguments are there for all to read.
CMD ["sh", "-c", "p=${DASEIN_FLOWER_PASSWORD:-$(cat /run/secrets/dasein_flower_password)} && FLOWER_BASIC_AUTH=$DASEIN_FLOWER_USER:$p exec celery -q -A workers.app flower --address=0.0.0.0 --port=5555 --url_prefix=flower"]
