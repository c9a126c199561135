# Every target makes the environment (.venv) by itself; nothing has to be installed or activated before.
# `make help` lists what there is.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
CONFIG ?= config/paper.yaml
CORES ?= $(shell nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
CACHE ?=
PROFILE ?=
DASK_SCHEDULER ?=
SNAKEMAKE_ARGS ?=
PYTEST_ARGS ?=
BENCH_ARGS ?=
STUDY ?=
CRASH_ARGS ?=
GAPS_ARGS ?=
FUZZ_ARGS ?=
LOCK_ARGS ?=

# What a user's shell has active must not reach the jobs; the package is used in place, from this folder.
unexport VIRTUAL_ENV PYTHONHOME PYTHONSTARTUP PYTHONOPTIMIZE PYTHONWARNINGS SNAKEMAKE_PROFILE
# Containers like to set it; every job would then compile Snakemake and all of numpy's Python anew, for seconds.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPATH := $(CURDIR)
export PYTHONNOUSERSITE := 1
export MPLBACKEND := Agg
# Texts have Greek letters and lines in tables, which not every locale's encoding has.
export PYTHONUTF8 := 1
# Parallelism comes from jobs and dask threads; a BLAS that starts its own threads on top runs several times slower.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
export VECLIB_MAXIMUM_THREADS := 1
# Under its own name dask takes it for a setting, and refuses an address there.
unexport DASK_SCHEDULER
export CC_DASK_SCHEDULER := $(DASK_SCHEDULER)

VENV := .venv
READY := $(VENV)/.ready
RUN := $(VENV)/bin/python -m
WORKFLOW_ARGS = --config "$(CONFIG)" --cores "$(CORES)" --profile "$(PROFILE)" \
  $(if $(CACHE),--cache-folder "$(CACHE)") $(if $(DATA),--data "$(DATA)") $(SNAKEMAKE_ARGS)

# More than eight workers wait for the longest group of tests.
TEST_WORKERS = $(shell [ "$(CORES)" -lt 8 ] 2>/dev/null && echo "$(CORES)" || echo 8)

# An environment of other requirements, or whose interpreter is gone (an upgraded system, a moved folder), is none.
IS_READY := $(shell cmp -s requirements.txt $(READY) && $(VENV)/bin/python -c "print(1)" 2>/dev/null)

.PHONY: help figures theory outlook materials inspect crosscheck figure print table unlock status verify convergence provenance provenance-of test test-slow \
  test-crash test-gaps test-fuzz test-slurm rerun-table identities symmetries bench profile docs lint format lock \
  environment clean not-ready

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo "Variables: CONFIG=$(CONFIG)  CORES=$(CORES)  PROFILE=$(PROFILE)  CACHE=  SNAKEMAKE_ARGS=  NAME=  PYTHON=$(PYTHON)"

figures: $(READY)  ## all figures and the report of CONFIG
	@$(RUN) workflow.run figures $(WORKFLOW_ARGS)

theory: CONFIG := config/theory.yaml
theory: figures  ## the figures of the whole theory, config/theory.yaml

outlook: CONFIG := config/outlook.yaml
outlook: figures  ## magnons, phonons, Bogoliubov Fermi surfaces: the paper's outlook, config/outlook.yaml

materials: CONFIG := config/materials.yaml
materials: figures  ## the spin Hall effect of materials, from files of Wannier90: make materials DATA=folder

figure: $(READY)  ## one figure: make figure NAME=rashba_null
	@test -n "$(NAME)" || { echo "make figure: say which one, as in: make figure NAME=rashba_null" >&2; exit 2; }
	@$(RUN) workflow.run figure "$(NAME)" $(WORKFLOW_ARGS)

print: $(READY)  ## the finished figures as PDF without the text below them, in figures/print
	@$(RUN) workflow.run print $(WORKFLOW_ARGS)

table: $(READY)  ## the numbers of a figure or study as CSV: make table NAME=rashba_null
	@test -n "$(NAME)" || { echo "make table: say of what, as in: make table NAME=rashba_null" >&2; exit 2; }
	@$(RUN) workflow.run table "$(NAME)" $(WORKFLOW_ARGS)

unlock: $(READY)  ## say that a run which was killed on another machine is gone
	@$(RUN) workflow.run unlock $(WORKFLOW_ARGS)

verify: $(READY)  ## recompute, and compare with the tracked reference numbers
	@$(RUN) workflow.run verify $(WORKFLOW_ARGS)

status: $(READY)  ## what is done, running, missing and stale, and why; time and memory by rule
	@$(RUN) workflow.run status $(WORKFLOW_ARGS)

convergence: $(READY)  ## the verdicts over grid density, as a table; STUDY=name also draws that study
	@$(RUN) workflow.run convergence --study "$(STUDY)" $(WORKFLOW_ARGS)

inspect: $(READY)  ## look at a model: make inspect MODEL=Pt_tb.dat INSPECT_ARGS="--spin Pt_spin_R.nc --fermi-energy 18.38"
	@test -n "$(MODEL)" || { echo "make inspect: say which model, as in: make inspect MODEL=Pt_tb.dat" >&2; exit 2; }
	@$(RUN) cc_kernels.inspection "$(MODEL)" $(INSPECT_ARGS)

provenance: $(READY)  ## the finished run of CONFIG as a Workflow Run RO-Crate, in its folder of results
	@$(RUN) workflow.run provenance $(WORKFLOW_ARGS)

provenance-of: $(READY)  ## what FILE was made from, and what has changed since: make provenance-of FILE=results/...
	@test -n "$(FILE)" || { echo "make provenance-of: say which file, as in: make provenance-of FILE=results/paper/figures/rashba_null.png" >&2; exit 2; }
	@$(RUN) cc_kernels.provenance "$(FILE)"

test: $(READY)  ## the test suite (PYTEST_ARGS="-k rashba" for a part of it)
	@$(RUN) pytest -n $(TEST_WORKERS) $(PYTEST_ARGS)

test-slow: $(READY)  ## whole runs that are killed, shared or sent elsewhere, which `make test` leaves out
	@$(RUN) pytest -m slow $(PYTEST_ARGS)

test-crash: $(READY)  ## kill a run at 20 random moments (CRASH_ARGS="--kills 5 --config ...")
	@$(RUN) tests.workflow.crash $(CRASH_ARGS)

rerun-table: $(READY)  ## change one thing after the other, and print what ran again (also PROFILE=slurm)
	@$(RUN) tests.workflow.reruns --profile "$(PROFILE)"

test-gaps: $(READY)  ## can narrow gaps fool a verdict? 80 random models against adaptive quadrature (GAPS_ARGS="--sets 5")
	@$(RUN) tests.analytic.verdicts $(GAPS_ARGS)

symmetries: $(READY)  ## the symmetries of the named models, and the residual of each
	@$(RUN) tests.models.symmetry_table

identities: $(READY)  ## the identities on random models, and a table of their errors
	@$(RUN) tests.identities.table

test-fuzz: $(READY)  ## bad configurations, calls and files by the hundreds (FUZZ_ARGS="--configurations 500 --calls 400 --files 100")
	@$(RUN) tests.workflow.fuzz $(FUZZ_ARGS)

bench: $(READY)  ## a benchmark, never a part of the tests: BENCH_ARGS=peers, kgrid, walk, memory, doubling, shards, symmetry or bosons
	@$(RUN) benchmarks $(BENCH_ARGS)

crosscheck: $(READY)  ## beside wannierberri on files of Wannier90: make crosscheck DATA=folder (CROSSCHECK_ARGS="--skip speed")
	@test -n "$(DATA)" || { echo "make crosscheck: say where the files are, as in: make crosscheck DATA=folder" >&2; exit 2; }
	@$(RUN) benchmarks crosscheck "$(DATA)" $(CROSSCHECK_ARGS)

profile: $(READY)  ## where the time of a level of a study goes: make profile STUDY=... [CONFIG=...] [BENCH_ARGS="--points 256"]
	@$(RUN) benchmarks study_profile $(STUDY) --config $(CONFIG) $(BENCH_ARGS)

test-slurm: $(READY)  ## config/quick.yaml through a Slurm of one node (root; slurm-wlm and munge installed)
	@CC_SLURM_CONFIG=quick $(RUN) pytest -m "slow or not slow" tests/workflow/test_slurm.py -s $(PYTEST_ARGS)

docs: $(READY)  ## the documentation as a site, in docs/_build/html; links and docstrings are checked
	@$(RUN) docs.website

lint: $(READY)  ## style and types of the code, and drift of what is generated from it
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/snakefmt --check $(wildcard Snakefile workflow)
	$(RUN) mypy
	$(RUN) cc_kernels.configuration.document --check

format: $(READY)  ## put the code into its style
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .
	$(VENV)/bin/snakefmt $(wildcard Snakefile workflow)

lock: $(READY)  ## requirements.txt from requirements.in (LOCK_ARGS=--upgrade for newer versions)
	$(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	  $(LOCK_ARGS) -o requirements.txt requirements.in

environment: $(READY)  ## only the environment (.venv)

$(READY): $(if $(IS_READY),,not-ready)
	@./.ci/environment "$(PYTHON)"

clean:  ## remove caches and the environment; results/ stays
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis .cache build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
