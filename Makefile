# Everything runs in .venv, which is made when it is needed: no environment has to be
# active. `make` alone lists what there is.

PYTHON = python3
ARGS =

# Where an environment forbids Python to keep what it has compiled, every program that the
# tests start would compile nstui anew: that is half of its start.
unexport PYTHONDONTWRITEBYTECODE

# Those of a file stay together, since they share what they start; tests/conftest.py says
# which files come first. What is tried on an engine waits more than it computes.
BY_FILE = --dist=loadfile --no-loadscope-reorder
TOGETHER = --numprocesses=3 $(BY_FILE)
WAITING = --numprocesses=4 $(BY_FILE)

# Of the other files, those that are to have one say so: to read them all takes each of the
# processes longer than to start an engine.
OF_ENGINE = -m docker $(WAITING) tests/contract tests/e2e tests/engine $\
    $$(grep --recursive --files-with-matches --include='test_*.py' mark.docker tests/unit)

# How much of the code they reach is measured without an engine alone, which is quick:
# what is measured takes half as much work again. pyproject.toml says how much it must be.
COVERED = --cov --cov-report=term:skip-covered

# What changes containers, or says what a change would do, is measured to the last branch.
COMPLETE = src/nstui/analysis/guarding/composing.py,$\
    src/nstui/analysis/guarding/deciding.py,$\
    src/nstui/analysis/guarding/question.py,$\
    src/nstui/analysis/guarding/requests.py,$\
    src/nstui/analysis/guarding/tickets.py,$\
    src/nstui/analysis/guarding/verdict.py,$\
    src/nstui/analysis/guarding/words.py,$\
    src/nstui/analysis/own.py,src/nstui/analysis/plans/*,$\
    src/nstui/model/plan.py,src/nstui/model/step.py,$\
    src/nstui/analysis/healing/recomposing.py,$\
    src/nstui/analysis/healing/recreating.py,src/nstui/analysis/recipe/*,$\
    src/nstui/analysis/restoring/*,src/nstui/analysis/watching/*,$\
    src/nstui/engine/recreate.py,src/nstui/audit/claims.py,$\
    src/nstui/service/course.py,$\
    src/nstui/service/executor.py,src/nstui/service/former.py,$\
    src/nstui/service/lasting.py,src/nstui/service/plan_check.py,$\
    src/nstui/service/planner.py,src/nstui/service/rollback.py,$\
    src/nstui/service/recompose.py,src/nstui/service/recreate.py,$\
    src/nstui/service/restore.py,src/nstui/service/results.py,$\
    src/nstui/service/several.py,$\
    src/nstui/service/start_again.py,src/nstui/service/step_runner.py,$\
    src/nstui/service/step_sequence.py,$\
    src/nstui/service/verified.py,src/nstui/service/watch_orders.py

BIN = .venv/bin
PYTEST = $(BIN)/python -m pytest
READY = .venv/ready

.PHONY: help run demo test test-engine test-engines lint types imports check bench screenshots manpages clean FORCE

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## /make \1|/p' Makefile | \
	    while IFS='|' read -r name words; do printf '%-18s%s\n' "$$name" "$$words"; done

run: $(READY) ## start nstui; make run ARGS="tree --json" passes arguments
	@$(BIN)/nstui $(ARGS) || { code=$$?; \
	    [ $$code -eq 3 ] || exit $$code; \
	    echo 'try: make demo' >&2; }

demo: $(READY) ## start nstui on a simulated machine
	@$(BIN)/nstui --demo $(ARGS)

test: $(READY) ## run the tests; make test ARGS="-k rm" passes arguments
ifneq ($(ARGS),)
	$(PYTEST) $(ARGS)
else
	code=0; \
	$(PYTEST) -m 'not docker' $(TOGETHER) $(COVERED) || code=$$?; \
	$(BIN)/python -m coverage report --include='$(COMPLETE)' --fail-under=100 \
	    --show-missing --skip-covered || code=$$?; \
	$(PYTEST) $(OF_ENGINE) || code=$$?; \
	exit $$code
endif

# What is nstui's own conduct has been tried on one engine by then. The last -m counts.
test-engine: $(READY) ## run the tests of a real engine on Docker 26.1, too
	@scripts/on-engine trixie 26.1 $(PYTEST) \
	    $(or $(ARGS),$(OF_ENGINE) -m 'docker and not one_engine')

test-engines: test-engine ## the same on the newest that Debian has as well
	@scripts/on-engine sid '' $(PYTEST) $(or $(ARGS),$(OF_ENGINE))

lint: $(READY) ## check the form and the style of the code
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY) ## check the types
	$(BIN)/python -m mypy

imports: $(READY) ## check that the layers know only what they may
	$(BIN)/lint-imports

check: lint types imports test ## all of these four

bench: $(READY) ## measure nstui beside others: 20 minutes; ARGS=--quick is short
	@$(BIN)/python -m bench $(ARGS)

screenshots: $(READY) ## draw the screenshots again
	TEXTUAL_COLOR_SYSTEM=truecolor $(BIN)/python -m scripts.screenshots

manpages: $(READY) ## write the man pages again
	$(BIN)/python -m scripts.manpages

clean: ## remove the environment and every cache
	rm -rf .venv .bench build dist .mypy_cache .ruff_cache .pytest_cache \
	    .import_linter_cache .hypothesis .coverage snapshot_report.html
	find src tests scripts bench -name __pycache__ -type d -prune -exec rm -rf {} + \
	    2>/dev/null || true

# An environment holds the path it was made in: one that was copied or moved along with
# its folder would run the code of the old place.
ifneq ($(shell cat $(READY) 2>/dev/null),$(CURDIR))
$(READY): FORCE
endif

$(READY): pyproject.toml requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo 'nstui needs Python 3.11 or newer: make PYTHON=python3.12 …' >&2; exit 1; }
	@echo 'making .venv …' >&2
	@$(PYTHON) -m venv --clear .venv >&2
	@$(BIN)/python -m pip install -qq --requirement requirements-dev.txt >&2
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation \
	    --editable . >&2
	@pwd -P >$(READY)
