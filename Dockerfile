# Jawab with what a search cluster needs. `docs/cluster/compose.yml` builds and runs it.

FROM python:3.12-slim AS build
RUN pip install --no-cache-dir uv
WORKDIR /jawab
COPY pyproject.toml README.md LICENSE ./
COPY index index
COPY bot bot
RUN uv sync --no-default-groups --no-editable --extra cluster --extra formats

FROM python:3.12-slim
RUN useradd --create-home --uid 10001 jawab && install --directory --owner jawab /data
COPY --from=build /jawab/.venv /jawab/.venv
COPY seeds /jawab/seeds
ENV PATH=/jawab/.venv/bin:$PATH \
    JAWAB_HOME=/data/indexes \
    JAWAB_STATE=/data/state.db
WORKDIR /jawab
USER jawab
VOLUME /data
ENTRYPOINT ["jawab"]
CMD ["bot"]
