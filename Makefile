# The commands that users and checks rely on. `make help` lists them.
# Each is safe to run twice: what is already there is left alone.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory --no-builtin-rules

PYTHON := .venv/bin/python
MANAGE := $(PYTHON) manage.py
PORT ?= 8000
STATE := $(or $(QUANJI_STATE_DIR),var)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))

export PORT
.SILENT: run demo test interop check catalogues
run demo: export QUANJI_PUBLIC_BASE_URL ?= http://127.0.0.1:$(PORT)

.PHONY: help
help: ## Show this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 18

.PHONY: run
run: ## Install, load the demonstration register and serve it on http://127.0.0.1:8000 (PORT=...)
	scripts/check_port $(PORT)
	$(prepare)
	echo "[6/6] serving"
	scripts/serve

.PHONY: demo
demo: ## The same without serving: leave the first certificate in var/demo and verify it
	$(prepare)
	echo "[6/6] verifying the certificate offline"
	scripts/verify_demo $(STATE)/demo

.PHONY: test
test: ## Run the tests on SQLite and PostgreSQL (one part: make test T="tests/ledger -k proof")
	scripts/install_packages dev
	$(MAKE) catalogues
	scripts/test $(T)

.PHONY: coverage
coverage: ## Show which lines the tests on SQLite run
	scripts/install_packages dev
	$(MAKE) catalogues
	.venv/bin/pytest -n 2 --cov --cov-report=term $(T)

.PHONY: interop
interop: ## Let programs that we did not write judge our logs and PDFs (needs Go; Java, Maven for PDFs)
	scripts/install_packages dev
	$(MAKE) catalogues
	scripts/interop $(T)

.PHONY: check
check: ## Format, lint, types, imports, templates, migrations, settings, API schema
	scripts/install_packages dev
	$(MAKE) catalogues
	scripts/check

.PHONY: bench
bench: ## Measure on both databases, as ratios within one run (SIZES="10000 100000")
	scripts/install_packages dev
	scripts/bench $(SIZES)

.PHONY: records
records: ## Carry real records through the procedure on both databases (DATA=folder, docs/real_input.md)
	scripts/install_packages dev
	scripts/fetch_fonts
	scripts/records $(DATA)

.PHONY: wheel
wheel: ## Build the verifier alone, for those who run no register: var/wheel/quanji_verify-*.whl
	@scripts/install_packages dev
	cd packages/verifier && ../../.venv/bin/hatchling build -t wheel -d ../../var/wheel

.PHONY: format
format: ## Rewrite the Python files in the house's format
	@scripts/install_packages dev
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

.PHONY: messages
messages: ## Collect the texts to translate into locale/zh_Hans
	@scripts/install_packages dev
	@scripts/apt_install gettext
	$(MANAGE) makemessages --locale zh_Hans --no-obsolete --add-location file \
	  --ignore .venv --ignore var --ignore tests

.PHONY: clean
clean: ## Remove what can be made again; var/, which holds the register, stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*
	rm -f $(CATALOGUES)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# What `run` and `demo` share.
define prepare
echo "[1/6] Python packages"; scripts/install_packages run
echo "[2/6] fonts"; scripts/fetch_fonts
echo "[3/6] translations"; $(MAKE) catalogues
echo "[4/6] database"; $(MANAGE) migrate --verbosity 0
$(MANAGE) collectstatic --noinput --verbosity 0
echo "[5/6] demonstration register"; $(MANAGE) load_demo
endef

.PHONY: catalogues
catalogues: $(CATALOGUES)
	:

%.mo: %.po
	@.venv/bin/pybabel --quiet compile --input-file $< --output-file $@
