# The server's image: Python, the locked dependencies and voserver, run as an ordinary user.
FROM python:3.13-slim AS build
RUN pip install --no-cache-dir uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=/opt/voserver \
    UV_CACHE_DIR=/var/cache/uv
WORKDIR /source
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN --mount=type=cache,target=/var/cache/uv uv sync --locked --no-dev --extra harvest --no-install-project
COPY schema schema
COPY voserver voserver
RUN --mount=type=cache,target=/var/cache/uv uv sync --locked --no-dev --extra harvest --no-editable

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/voserver voserver
COPY --from=build /opt/voserver /opt/voserver
ENV PATH=/opt/voserver/bin:$PATH VOSERVER_HOST=0.0.0.0 VOSERVER_DATA_DIR=/var/lib/voserver VOSERVER_LOG_FORMAT=json
USER voserver
WORKDIR /var/lib/voserver
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["python", "-c", \
    "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/tap/availability', timeout=4)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["voserver"]
CMD ["serve"]
