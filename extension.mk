# PGXS build of the extension itself; the front door is Makefile, which has CMake build the pure libraries that are linked in.
EXTENSION = control/pg_accord
MODULE_big = pg_accord
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" control/pg_accord.control)
DATA_built = control/pg_accord--$(EXTVERSION).sql
DATA = $(filter-out $(DATA_built),$(wildcard control/pg_accord--*--*.sql))
# A folder is compiled as one unit (its headers are read once), which takes a quarter of the time; the largest first, so that two cores end together.
BUILD ?= build
LARGEST := server/check server/migration server/guard server/sync server/backfill
UNITS := $(LARGEST) $(filter-out $(LARGEST),$(patsubst src/%/,%,$(sort $(dir $(wildcard src/pg/*.cpp src/server/*.cpp src/server/*/*.cpp)))))
OBJS := $(shell scripts/units $(BUILD)/units $(UNITS)) src/pg/try.o

PURE := $(foreach folder,plan rule change core,$(BUILD)/libaccord_$(folder).a)

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include flags.mk
EXTRA_CLEAN = $(OBJS:.o=.d)

SHLIB_LINK := $(PURE) $(SHLIB_LINK) -Wl,--version-script=src/exports.map
include $(PGXS)
.PHONY: objects
objects: $(OBJS)
pg_accord.so: $(PURE) src/exports.map
# -O0 where many versions are only tested
override CXXFLAGS += $(OPTIMISE)

# The install script: parts in the order of their numbers.  OR REPLACE is stripped, so that nobody can plant a function before.
PARTS := $(sort $(wildcard control/parts/*.sql))
control/pg_accord--$(EXTVERSION).sql: $(PARTS) control/pg_accord.control extension.mk
	@{ printf '%s\n' '\echo Use "CREATE EXTENSION pg_accord" to load this file. \quit'; \
	   cat $(PARTS) | sed 's/CREATE OR REPLACE FUNCTION/CREATE FUNCTION/; s/CREATE OR REPLACE PROCEDURE/CREATE PROCEDURE/; s/CREATE OR REPLACE VIEW/CREATE VIEW/'; } > $@

-include $(OBJS:.o=.d)
