# The server with its editor. Build from the root of the repository.
FROM node:20-slim AS build
WORKDIR /app
COPY . .
RUN npm ci --loglevel=error && npm run build

FROM node:20-slim
WORKDIR /app
ENV NODE_ENV=production
# Memory: docs/production.md, "Sizes".
ENV MALLOC_TRIM_THRESHOLD_=131072
COPY package.json package-lock.json ./
COPY packages/y-electric/package.json packages/y-electric/
COPY packages/server/package.json packages/server/
COPY packages/documents/package.json packages/documents/
COPY packages/embedded/package.json packages/embedded/
COPY packages/documents/bin packages/documents/bin
COPY packages/embedded/bin packages/embedded/bin
RUN npm ci --omit=dev --ignore-scripts --loglevel=error \
      --workspace=y-electric --workspace=@y-electric/server \
      --workspace=@y-electric/documents --workspace=@y-electric/embedded \
    && npm cache clean --force
COPY --from=build /app/packages/y-electric/dist packages/y-electric/dist
COPY --from=build /app/packages/server/dist packages/server/dist
COPY --from=build /app/packages/server/migrations packages/server/migrations
COPY --from=build /app/packages/documents/dist packages/documents/dist
COPY --from=build /app/packages/embedded/dist packages/embedded/dist
COPY --from=build /app/apps/editor/dist apps/editor/dist
USER node
EXPOSE 4000
CMD ["node", "--max-semi-space-size=4", "packages/documents/dist/main.js", "--editor", "apps/editor/dist"]
