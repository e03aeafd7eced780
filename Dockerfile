# The image of the manager: one file on Node, with no shell, as a user without a name, for a root that is read-only.
#
#   docker build -t slipway-manager:0.1.0 .

# .nvmrc says the same version; a test holds it.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /source
COPY . .
RUN npm ci --ignore-scripts --no-audit --no-fund && npm run bundle

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /source/dist/ /app/
ENV NODE_ENV=production
# Numeric, so that runAsNonRoot can be checked.
USER 65532:65532
EXPOSE 8080 8081 9443
ENTRYPOINT ["/usr/local/bin/node", "/app/slipway-manager.mjs"]
