# One image for every process: `docker run flexregister registry run`. What it runs is chosen by its arguments.

FROM python:3.11-slim AS build
WORKDIR /build
COPY requirements requirements
RUN python -m venv /tools \
    && /tools/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements/uv.txt \
    && /tools/bin/uv pip install --no-cache --python /tools/bin/python --require-hashes -r requirements/build.txt \
    && python -m venv --without-pip /app \
    && /tools/bin/uv pip sync --no-cache --python /app/bin/python --compile-bytecode --require-hashes requirements/runtime.txt
COPY contracts contracts
COPY libs libs
COPY services services
RUN for package in contracts libs/* services/*; do \
        (cd "$package" && /tools/bin/python -m hatchling build --target wheel --directory /wheels) || exit 1; \
    done \
    && /tools/bin/uv pip install --no-cache --python /app/bin/python --compile-bytecode --no-deps /wheels/*.whl

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home flexregister
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER flexregister
WORKDIR /tmp
ENTRYPOINT ["python", "-m"]
CMD ["flexreg", "--help"]
