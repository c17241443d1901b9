# pg_accord: the front door.
#
#   make demo     set up what is missing, build, and run a real migration on real data in a throw-away cluster
#   make check    all tests; ends with "N passed, N failed"
#
# PG_CONFIG chooses the PostgreSQL to build for.
PG_CONFIG ?= pg_config
export PG_CONFIG
CCACHE := $(shell command -v ccache)
SHELL := /bin/bash
CMAKE_BUILD = cmake --build $(BUILD) -j $(JOBS) $(if $(V),-v) --target
EXTENSION_MAKE = $(MAKE) -j $(JOBS) $(if $(V),,--silent) --no-print-directory -f extension.mk PG_CONFIG=$(PG_CONFIG) $(if $(CCACHE),CXX="ccache g++" CC="ccache gcc")
BUILD ?= build
JOBS ?= $(shell nproc)
BUILD_TYPE ?= RelWithDebInfo

.PHONY: all extension tool tests setup install uninstall check check-matrix check-postgres check-sanitize demo bench fuzz-oracle fuzz-oracle-mutants lint clean test-modules install-test-modules

all: TARGETS = all
all: build

# The extension, which PGXS builds, and beside it what CMake builds: the pure folders, which are linked into both the extension and the tool,
# and of tool, tests and the demo's programs what TARGETS names.
TARGETS =
.PHONY: build
build: build-of-this-server $(BUILD)/build.ninja
	+@$(CMAKE_BUILD) accord_plan $(TARGETS) & cmake=$$!; $(EXTENSION_MAKE) objects; objects=$$?; wait $$cmake && exit $$objects
	+@$(EXTENSION_MAKE) all

extension: build

tool: $(BUILD)/build.ninja
	+@$(CMAKE_BUILD) accord

tests: $(BUILD)/build.ninja
	+@$(CMAKE_BUILD) all

# The top file takes in a folder when it has a CMakeLists.txt, so a new one configures again.
$(BUILD)/build.ninja: CMakeLists.txt $(wildcard */*/CMakeLists.txt)
	@[ -e $@ ] || rm -rf $(BUILD)/CMakeCache.txt $(BUILD)/CMakeFiles
	@cmake -G Ninja -S . -B $(BUILD) -DCMAKE_BUILD_TYPE=$(BUILD_TYPE) >/dev/null
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
	@cmake -G Ninja -S . -B $(BUILD)/sanitize -DACCORD_SANITIZE=ON -DCMAKE_BUILD_TYPE=Debug >/dev/null
	@cmake --build $(BUILD)/sanitize -j $(JOBS) --target unit_core unit_change unit_rule unit_plan
	@BUILD=$(BUILD)/sanitize test/run unit

demo: TARGETS = accord delay_board billing
demo: setup build
	@examples/flights/demo

bench: setup all
	@test/bench/run

# Old clients' statements before and after random changes, compared with the guard's verdicts (test/fuzz/README.md).
CASES ?= 2000
SEED ?= 1
fuzz-oracle: setup all
	@TMPDIR=$${TMPDIR:-$$(test -w /dev/shm && echo /dev/shm || echo /tmp)} CASES=$(CASES) SEED=$(SEED) MUTATE=$(MUTATE) JOBS=$(JOBS) \
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
