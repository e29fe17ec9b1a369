# Jawab in an image that runs without root, with nothing in it writable but /data and /documents.
# docs/compose/ runs it on one machine, docs/cluster/ against a search cluster.
#
#   docker build --tag jawab .
#   docker build --tag jawab --build-arg EXTRAS="--extra formats --extra cluster" .

ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends binutils \
    && pip install --no-cache-dir "uv>=0.9,<1"
ENV UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
WORKDIR /jawab
ARG EXTRAS="--extra formats"
# What Jawab needs changes less often than Jawab.
COPY pyproject.toml README.md LICENSE ./
COPY index/version.py index/
RUN uv sync --no-default-groups --no-install-project ${EXTRAS}
COPY bot bot
COPY index index
COPY seeds seeds
RUN uv sync --no-default-groups --no-editable ${EXTRAS}
# A third of it is never read: tests of packages, the CLDR's other languages, symbols for debuggers.
# (Libraries that wheels bring along stand in *.libs; stripping could break how they are found.)
RUN cd .venv/lib/python3*/site-packages \
    && find . -depth -type d \( -name test -o -name tests \) -exec rm -r {} + \
    && find babel/locale-data -name "*.dat" \
        ! -name root.dat ! -name "ar*.dat" ! -name "en*.dat" -delete \
    && find . -name "*.so" ! -path "*.libs/*" -exec strip --strip-unneeded {} +

FROM python:${PYTHON}-slim
RUN useradd --uid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin jawab \
    && install --directory --owner jawab --group jawab --mode 0750 /data /documents
COPY --from=build /jawab/.venv /jawab/.venv
# Without a folder of one's own in its place, it answers from these.
COPY --chown=jawab:jawab seeds/ /documents/
ENV PATH=/jawab/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    JAWAB_DOCS=/documents \
    JAWAB_HOME=/data/indexes \
    JAWAB_STATE=/data/state.sqlite \
    JAWAB_METRICS_PORT=0.0.0.0:9464
WORKDIR /data
USER 10001:10001
VOLUME ["/data", "/documents"]
EXPOSE 9464
STOPSIGNAL SIGTERM
# The first index of a large collection takes minutes.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10m --retries=3 \
    CMD ["python", "-I", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:9464/healthz', timeout=4)"]
ENTRYPOINT ["jawab"]
CMD ["bot"]
