# The web front end: Flask behind gunicorn. It never simulates, so it carries no simulator.
FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d AS build
RUN python -m venv /venv
COPY requirements/web.lock /tmp/lock
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r /tmp/lock

FROM node:24.11.1-bookworm-slim@sha256:48abc13a19400ca3985071e287bd405a1d99306770eb81d61202fb6b65cf0b57 AS page
WORKDIR /page
COPY web/ui/package.json web/ui/package-lock.json web/ui/.npmrc ./
RUN npm ci
COPY web/ui .
RUN npm run types && npm run build

FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin dasein && install -d -o dasein /data
COPY --from=build /venv /venv
WORKDIR /app
COPY config config
COPY jobs jobs
COPY stores stores
COPY web web
COPY --from=page /page/dist web/ui/dist
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DASEIN_DATA_DIR=/data
USER dasein
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health/ready', timeout=2)"]
CMD ["gunicorn", "--config", "config/gunicorn.py", "web.wsgi:app"]
