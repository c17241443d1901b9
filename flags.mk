# Compiler settings of everything that is loaded into the server.
# Line tables are enough debug information for a backtrace; all of it makes a module of 140 MB.
# Debian's PGXS would compile everything a second time to bitcode with clang and without our flags.
override with_llvm := no
# The server's headers are system headers for us; on 15 they need PGDLLEXPORT and `register` help.
PG_CPPFLAGS = -I$(dir $(abspath $(lastword $(filter %flags.mk,$(MAKEFILE_LIST)))))src -isystem $(shell $(PG_CONFIG) --includedir-server) -DACCORD_VERSION='"$(EXTVERSION)"' \
	'-DPGDLLEXPORT=__attribute__((visibility("default")))' -MMD -MP
PG_CFLAGS = -fvisibility=hidden -fexceptions -Werror
PG_CXXFLAGS = -g1 -std=gnu++20 -fvisibility=hidden -fvisibility-inlines-hidden -fno-semantic-interposition \
	-Wall -Wextra -Werror -Wno-register -Wno-unused-parameter -Wno-missing-field-initializers
SHLIB_LINK = -lfmt -lstdc++
