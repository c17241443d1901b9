# pg_accord: the front door.
#
#   make demo     set up what is missing, build, and run a real migration on real data in a throw-away cluster
#   make check    all tests; ends with "N passed, N failed"
#
# PG_CONFIG chooses the PostgreSQL to build for.
PG_CONFIG ?= pg_config
export PG_CONFIG
CCACHE := $(shell command -v ccache)
QUIETLY = $(if $(V),,| { grep --line-buffered -v "Entering directory\|Leaving directory\|Built target" || true; })
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
EXTENSION_MAKE = $(MAKE) -j $(JOBS) $(if $(V),,--silent) --no-print-directory -f extension.mk PG_CONFIG=$(PG_CONFIG) $(if $(CCACHE),CXX="ccache g++" CC="ccache gcc")
BUILD ?= build
JOBS ?= $(shell nproc)
BUILD_TYPE ?= RelWithDebInfo

.PHONY: all extension pure tool tests setup install uninstall check check-matrix check-postgres check-sanitize demo bench fuzz-oracle fuzz-oracle-mutants lint clean test-modules install-test-modules

all: extension tool tests

extension: build-of-this-server pure
	+@$(EXTENSION_MAKE) all

# The pure folders are compiled once, for the extension, the tool and the tests.
pure: $(BUILD)/CMakeCache.txt
	+@cmake --build $(BUILD) -j $(JOBS) --target accord_plan $(QUIETLY)

# The accord tool; and everything else that CMake builds: unit and integration tests, benchmarks, the demo's programs.
tool: $(BUILD)/CMakeCache.txt
	+@cmake --build $(BUILD) -j $(JOBS) --target accord $(QUIETLY)

tests: tool
	+@cmake --build $(BUILD) -j $(JOBS) $(QUIETLY)

# The top file takes in a folder when it has a CMakeLists.txt, so a new one configures again.
$(BUILD)/CMakeCache.txt: CMakeLists.txt $(wildcard */*/CMakeLists.txt)
	@cmake -S . -B $(BUILD) -DCMAKE_BUILD_TYPE=$(BUILD_TYPE) >/dev/null
	@touch $@

# Objects of another server version are stale.
.PHONY: build-of-this-server
build-of-this-server:
	@mkdir -p $(BUILD)
	@v="$$($(PG_CONFIG) --version) $$($(PG_CONFIG) --pgxs)"; \
	if [ "$$(cat $(BUILD)/.server 2>/dev/null)" != "$$v" ]; then $(EXTENSION_MAKE) clean >/dev/null; $(WALL_MAKE) clean >/dev/null; fi; \
	echo "$$v" > $(BUILD)/.server
	@[ -e pg_accord.so ] || echo "Building with $(JOBS) jobs; this takes some minutes the first time."

setup:
	@scripts/setup

install: extension tool
	+@$(EXTENSION_MAKE) install
	@install -D $(BUILD)/accord $(DESTDIR)$$($(PG_CONFIG) --bindir)/accord

# What only the tests load into a server: the wall's test functions.
WALL_MAKE = $(MAKE) -j $(JOBS) $(if $(V),,--silent) --no-print-directory -C test/wall PG_CONFIG=$(PG_CONFIG) $(if $(CCACHE),CXX="ccache g++" CC="ccache gcc")
test-modules: build-of-this-server
	+@$(WALL_MAKE) all

install-test-modules: test-modules
	+@$(WALL_MAKE) install

uninstall:
	@$(EXTENSION_MAKE) uninstall
	@rm -f $(DESTDIR)$$($(PG_CONFIG) --bindir)/accord

check: setup all test-modules
	@test/run $(SUITES)

check-matrix: setup
	@scripts/matrix

# PostgreSQL's own tests, with and without the extension.
check-postgres: setup extension
	@test/postgres/run

# The pure folders and their tests with AddressSanitizer and UndefinedBehaviorSanitizer.
check-sanitize: setup
	@cmake -S . -B $(BUILD)/sanitize -DACCORD_SANITIZE=ON -DCMAKE_BUILD_TYPE=Debug >/dev/null
	+@cmake --build $(BUILD)/sanitize -j $(JOBS) --target unit_core unit_change unit_rule unit_plan $(QUIETLY)
	@BUILD=$(BUILD)/sanitize test/run unit

demo: setup extension tool
	+@cmake --build $(BUILD) -j $(JOBS) --target delay_board billing $(QUIETLY)
	@examples/flights/demo

bench: setup all
	@test/bench/run

# Old clients' statements before and after random changes, compared with the guard's verdicts (test/fuzz/README.md).
CASES ?= 2000
SEED ?= 1
fuzz-oracle: setup extension tests
	@TMPDIR=$${TMPDIR:-$$(test -w /dev/shm && echo /dev/shm || echo /tmp)} CASES=$(CASES) SEED=$(SEED) MUTATE=$(MUTATE) \
	  scripts/cluster --bindir "$$(scripts/private-install $(BUILD)/server)" -- $(BUILD)/test/bin/oracle

# A run in which each rule is then switched off, in a case that it guards alone: clients must be missed.
fuzz-oracle-mutants: export MUTANTS = 1
fuzz-oracle-mutants: fuzz-oracle

lint: setup tool
	@scripts/lint

clean:
	@$(EXTENSION_MAKE) clean
	@$(WALL_MAKE) clean
	@rm -rf $(BUILD)
