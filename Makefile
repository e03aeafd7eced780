# One entry for a person and for CI. Each target installs what is missing, against the committed locks.
SHELL := /bin/sh
SETUP := slipway_root="$(CURDIR)"; . ./scripts/toolchain.sh; slipway_install;

.PHONY: help demo test test-cluster check generate format

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: ## run both example manifests end to end on the embedded cluster and check every claim
	@$(SETUP) node apps/cli/src/main.ts demo

test: ## run every test that needs no real cluster; the last line is the sum
	@$(SETUP) node scripts/test.ts

test-cluster: ## run the suites on a real control plane, built once with Go; or on $KUBECONFIG
	@$(SETUP) node scripts/test.ts --config tests/cluster/vitest.config.ts

check: ## format, lint, boundaries, types, tests, generated files
	@$(SETUP) npm run --silent check

generate: ## rewrite the generated files (API types, CRDs)
	@$(SETUP) npm run --silent generate

format: ## format every file
	@$(SETUP) npm run --silent format
