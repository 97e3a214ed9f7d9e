# A simulation worker with Renode, for campaigns that ask for it. Renode is its portable build for Linux, with .NET in it:
#   docker build -f deploy/renode.Dockerfile --build-arg RENODE_SHA256=<of the archive> .
# The digest has no default on purpose: take it from an archive that you have checked. RENODE_URL may be a mirror of yours.
FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d AS renode
ARG RENODE_VERSION=1.16.1
ARG RENODE_URL=https://github.com/renode/renode/releases/download/v${RENODE_VERSION}/renode-${RENODE_VERSION}.linux-portable-dotnet.tar.gz
ARG RENODE_SHA256
RUN test -n "$RENODE_SHA256" || { echo "give --build-arg RENODE_SHA256, the digest of $RENODE_URL" >&2; exit 1; }
RUN python -c "import sys, urllib.request; urllib.request.urlretrieve(*sys.argv[1:])" "$RENODE_URL" /tmp/renode.tar.gz && \
    echo "$RENODE_SHA256  /tmp/renode.tar.gz" | sha256sum --check --strict && \
    install -d /opt/renode && tar --extract --gzip --file /tmp/renode.tar.gz --directory /opt/renode --strip-components 1

FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d AS build
RUN python -m venv /venv
COPY requirements/simulation.lock /tmp/lock
RUN /venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes -r /tmp/lock

FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin dasein && install -d -o dasein /data /cache
COPY --from=renode /opt/renode /opt/renode
COPY --from=build /venv /venv
WORKDIR /app
COPY config config
COPY jobs jobs
COPY stores stores
COPY renode renode
COPY workers workers
# Compiled kernels, and what .NET unpacks of itself, are kept outside the read-only tree.
ENV PATH=/venv/bin:$PATH PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 DASEIN_DATA_DIR=/data \
    NUMBA_CACHE_DIR=/cache REMAP_SIGTERM=SIGQUIT DASEIN_RENODE=/opt/renode/renode \
    DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_BUNDLE_EXTRACT_BASE_DIR=/cache/dotnet
USER dasein
# An image whose Renode does not run is none.
ARG RENODE_VERSION=1.16.1
RUN DOTNET_BUNDLE_EXTRACT_BASE_DIR=/tmp/dotnet HOME=/tmp /opt/renode/renode --version | grep -F "$RENODE_VERSION"
VOLUME ["/data", "/cache"]
# Replicas share the host's name, so each draws one of its own; the health check asks for it.
CMD ["sh", "-c", "echo simulation-$(cut -c 1-8 /proc/sys/kernel/random/uuid)@$(hostname) > /tmp/worker && exec celery -q -A workers.app worker -I workers.simulation.tasks -Q simulation -P prefork -c 1 -n $(cat /tmp/worker) --without-gossip --without-mingle"]
