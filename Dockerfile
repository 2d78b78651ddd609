# A tag moves: `docker build --build-arg BASE=python:3.12-slim@sha256:...` pins the base for good (deploy/README.md).
ARG BASE=python:3.12-slim
FROM ${BASE}
WORKDIR /line
COPY requirements-runtime.lock ./
RUN python -m pip install --no-cache-dir --only-binary :all: --require-hashes --requirement requirements-runtime.lock
COPY pyproject.toml README.md LICENSE ./
COPY ivr ivr
COPY prompts prompts
COPY audio audio
ENV IVR_SITE=/line/prompts IVR_STATE=/line/var IVR_REQUIRE_APPROVAL=1
RUN python -m pip install --no-cache-dir --no-index --no-build-isolation '.[offline,office,postgresql]' \
 && ivr audio build \
 && useradd --system --no-create-home line \
 && install --directory --owner line var
USER line
EXPOSE 8080
HEALTHCHECK CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/live', timeout=3)"]
CMD ["ivr", "serve", "--host", "0.0.0.0", "--port", "8080"]
