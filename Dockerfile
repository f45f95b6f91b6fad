# One image for web, worker and scheduler; docker-compose.yml says which of them a container is.

FROM node:22-slim AS modules
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Of ONNX Runtime's 130 MB the pages use two files (coach/pages/npm_files.py).
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
    && find node_modules/onnxruntime-web -type f ! -name package.json ! -name ort.wasm.bundle.min.mjs \
       ! -name ort-wasm-simd-threaded.wasm -delete

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /venv
COPY requirements/base.txt /tmp/base.txt
RUN /venv/bin/pip install --require-hashes -r /tmp/base.txt
# Nothing reads these at run time: the installer, translation sources, the packages' own tests, and the AWS client's
# data on services other than S3.
RUN cd /venv/lib/python3*/site-packages \
    && find twisted autobahn zope -type d \( -name test -o -name tests \) -prune -exec rm -rf {} + \
    && find . -name "*.po" -delete \
    && find botocore/data -mindepth 1 -maxdepth 1 -type d ! -name s3 ! -name sts -exec rm -rf {} + \
    && rm -rf pip pip-*.dist-info setuptools setuptools-*.dist-info pkg_resources \
    && /venv/bin/python -m compileall -q /venv/lib
WORKDIR /app
COPY manage.py ./
COPY coach coach
COPY practice practice
COPY evaluations evaluations
COPY history history
COPY templates templates
COPY static static
COPY locale locale
COPY seed-data seed-data
COPY --from=modules /app/node_modules node_modules
# The key is only for this command; without one a key would be generated into the image.
RUN /venv/bin/python -m babel.messages.frontend compile -D django -d locale \
    && SECRET_KEY=only-for-collecting-files-while-building VAR_DIR=/var/lib/coach \
       /venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
    && mkdir -p /var/lib/coach/audio \
    && /venv/bin/python -m compileall -q /app

FROM python:3.11-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin coach
COPY --from=build /venv /venv
COPY --from=build /app /app
COPY --from=build --chown=coach:coach /var/lib/coach /var/lib/coach
ENV PATH=/venv/bin:$PATH VAR_DIR=/var/lib/coach COACH_CONTAINER=1 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER 10001
EXPOSE 8000
CMD ["daphne", "-v", "0", "--no-server-name", "--application-close-timeout", "5", "-b", "0.0.0.0", "-p", "8000", "coach.asgi:application"]
