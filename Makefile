# Everything is done through here. A machine needs Python 3.11 or newer and make; `make` alone lists the targets.

PYTHON ?= python3

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.complete
PACKAGES := $(patsubst %/pyproject.toml,%,$(wildcard contracts/pyproject.toml libs/*/pyproject.toml services/*/pyproject.toml))
PINNED := requirements/uv.txt requirements/dev.txt
UV := $(BIN)/uv
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header

# Settings that would make pip install to somewhere else than the environment. Those that say from where are obeyed.
unexport PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_REQUIRE_VIRTUALENV VIRTUAL_ENV
# uv does not read pip's settings: hand on where the index is and whom to trust.
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif
ifdef PIP_CERT
export SSL_CERT_FILE ?= $(PIP_CERT)
endif

.DEFAULT_GOAL := help
.PHONY: help demo up down doctor test lint format bench lock environment clean compose-check

help: ## list what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(STAMP) ## play the story on live processes, show it, prove it
	@$(BIN)/flexreg demo

up: $(STAMP) ## start a register to work with; returns when it is ready
	@$(BIN)/flexreg up

down: $(STAMP) ## stop it; what it holds is kept in .flexreg
	@$(BIN)/flexreg down

doctor: $(STAMP) ## what is missing here, and how to get it
	@$(BIN)/flexreg doctor

test: lint compose-check ## everything CI runs: lint, compose.yaml, all tests
	@$(BIN)/python -m pytest $(ARGS)

lint: $(STAMP) ## ruff, formatting, types, layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/basedpyright
	@$(BIN)/lint-imports

compose-check: $(STAMP)
	@$(BIN)/docker-compose --file compose.yaml config --quiet && echo "compose.yaml is valid"

format: $(STAMP) ## put the code in the shape that lint asks for
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

bench: $(STAMP) ## figures, each beside the limit measured in the same run
	@$(BIN)/python -m bench $(ARGS)

lock: $(STAMP) ## compile requirements/*.in anew; UPGRADE=--upgrade takes newer versions
	@for name in uv build runtime dev; do \
		echo "requirements/$$name.txt"; \
		$(COMPILE) $(UPGRADE) requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done

environment: $(STAMP) ## make or renew .venv, which every target does by itself

clean: ## remove .venv; `make` makes it anew
	rm -rf $(VENV)

# uv removes whatever is not pinned, the packages of this repository too: so they come last.
$(STAMP): $(PINNED) $(addsuffix /pyproject.toml,$(PACKAGES))
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; '$(PYTHON)' is not. Another one is used with: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "'$(PYTHON)' has no venv module; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "making the environment in $(VENV)" >&2
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements/uv.txt
	@$(UV) pip sync --python $(BIN)/python --require-hashes --compile-bytecode requirements/dev.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation $(addprefix --editable ./,$(PACKAGES))
	@touch $@
