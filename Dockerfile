# docker build --tag socsync .
FROM node:24-bookworm-slim AS package
WORKDIR /source
# What was installed is kept until one of these two files changes.
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && npm pack --ignore-scripts
# The package as it is published, with the versions of the lockfile: an install of the tarball alone would take newer ones.
WORKDIR /app
RUN tar -xzf /source/socsync-*.tgz --strip-components=1 \
  && cp /source/package-lock.json . \
  && npm ci --omit=dev --ignore-scripts

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="socsync" \
  org.opencontainers.image.description="Copies what the official APIs of Instagram, YouTube and TikTok tell about a list of profiles into a database, and keeps it current." \
  org.opencontainers.image.licenses="MIT"
COPY --from=package /app /usr/local/lib/socsync
# Whatever user a container runs as finds its files here; `node` is the user that nobody else was named for.
RUN ln -s ../lib/socsync/bin/socsync.js /usr/local/bin/socsync \
  && install --directory --owner=node --group=node /var/lib/socsync
ENV HOME=/var/lib/socsync XDG_CONFIG_HOME=/var/lib/socsync SOCSYNC_DB=/var/lib/socsync/socsync.db
WORKDIR /var/lib/socsync
USER 1000:1000
# Node is process 1: socsync takes SIGTERM itself, and starts no processes that would have to be waited for.
ENTRYPOINT ["node", "/usr/local/lib/socsync/bin/socsync.js"]
CMD ["--help"]
