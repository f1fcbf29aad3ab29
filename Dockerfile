FROM python:3.12-slim AS build

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
RUN python -m venv /venv

# The dependencies change seldom: a layer of their own.
COPY requirements-pip.lock requirements.lock ./
RUN /venv/bin/python -m pip install --require-hashes -r requirements-pip.lock
RUN /venv/bin/python -m pip install --no-deps --require-hashes -r requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY newsfeed newsfeed
COPY services services
RUN /venv/bin/python -m pip install --no-deps --no-build-isolation .
RUN /venv/bin/python -c "import newsfeed.runtime, services.ingest, services.enrich, services.keep, services.publish, services.web"


FROM python:3.12-slim

ARG UID=1000
RUN useradd --uid "$UID" --no-create-home --shell /usr/sbin/nologin newsfeed
RUN install --directory --owner=newsfeed /srv/newsfeed/seeds /var/lib/newsfeed/log /var/lib/newsfeed/keys

COPY --from=build /venv /venv
COPY newsfeed.toml /srv/newsfeed/
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 NEWSFEED_VAR=/var/lib/newsfeed
WORKDIR /srv/newsfeed
USER newsfeed

HEALTHCHECK --interval=30s --timeout=10s --start-period=30s CMD ["newsfeed", "status"]
CMD ["newsfeed", "status"]
