FROM python:3.12-slim
WORKDIR /line
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY ivr ivr
COPY prompts prompts
COPY audio audio
ENV IVR_SITE=/line/prompts IVR_STATE=/line/var IVR_REQUIRE_APPROVAL=1
RUN python -m pip install --no-cache-dir --constraint requirements.lock '.[offline]' \
 && ivr audio build \
 && useradd --system --no-create-home line \
 && install --directory --owner line var
USER line
EXPOSE 8080
HEALTHCHECK CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/live', timeout=3)"]
CMD ["ivr", "serve", "--host", "0.0.0.0", "--port", "8080"]
