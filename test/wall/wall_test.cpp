// wall_test: SQL functions that misbehave in every way that can cross the wall of src/pg, for
// sql/wall.sql.
//
// Each keeps a live C++ object (a tracer) in the frame that the error passes, and the tests count
// its destructions: a longjmp that skipped a frame would show as a missing one.
#include <cstdio>
#include <new>
#include <stdexcept>
#include <string>
#include <unistd.h>

#include "pg/arguments.hpp"
#include "pg/bridge.hpp"
#include "pg/scope.hpp"
#include "pg/spi.hpp"

#include "pg/pg.h"

extern "C" {
PG_MODULE_MAGIC;
}

namespace {

constinit int alive = 0;
constinit int destroyed = 0;

struct tracer {
  std::string held = std::string(200, 'x');  // on the heap, so that a skipped destructor also leaks
  tracer() { ++alive; }
  ~tracer() {
    --alive;
    ++destroyed;
  }
};

[[noreturn]] void misbehave(const std::string& kind) {
  tracer t;
  if (kind == "failure") throw accord::failure("AC001", "contract \"flights\" would break", "Column \"a\" is read.", "Stage it.");
  if (kind == "std") throw std::runtime_error("boom");
  if (kind == "int") throw 42;
  if (kind == "out of memory") throw std::bad_alloc();
  if (kind == "ereport") accord::pg([] { (void)DirectFunctionCall2(int4div, Int32GetDatum(1), Int32GetDatum(0)); });
  if (kind == "spi") accord::spi::query("SELECT 1 / 0");
  if (kind == "spi failure") accord::spi::query("SELECT wall.misbehave('failure')");
  if (kind == "spi spi failure") accord::spi::query("SELECT wall.misbehave('spi failure')");
  if (kind == "spi std") accord::spi::query("SELECT wall.misbehave('std')");
  if (kind == "sleep") accord::pg([] { (void)DirectFunctionCall1(pg_sleep, Float8GetDatum(60)); });
  if (kind == "spi sleep") accord::spi::query("SELECT pg_catalog.pg_sleep(60)");
  if (kind == "failure under pg") {
    auto* stack = PG_exception_stack;
    try {
      accord::pg([] { throw accord::failure("AC002", "thrown below pg()"); });
    } catch (const accord::failure&) {
      if (PG_exception_stack != stack) throw std::runtime_error("the jump buffer was not restored");
      throw;
    }
  }
  if (kind == "in another identity") {
    accord::pinned_search_path path;
    accord::as_user owner(BOOTSTRAP_SUPERUSERID, true);
    accord::memory_scope memory("wall test");
    accord::spi::query("SELECT 1 / 0");
  }
  throw accord::failure(accord::core::sqlstate::invalid_parameter, "unrecognized way to misbehave");
}

}  // namespace

ACCORD_FUNCTION(wall_misbehave) {
  misbehave(accord::arguments(fcinfo).text(0, "kind"));
}

ACCORD_FUNCTION(wall_alive) {
  return Int32GetDatum(alive);
}

ACCORD_FUNCTION(wall_destroyed) {
  int n = destroyed;
  destroyed = 0;
  return Int32GetDatum(n);
}

// What subtransaction() makes of the same error: "SQLSTATE message | detail | hint".
ACCORD_FUNCTION(wall_caught) {
  std::string kind = accord::arguments(fcinfo).text(0, "kind");
  accord::reported_error error;
  tracer t;
  if (accord::subtransaction([&] { misbehave(kind); }, error)) return accord::text_result("committed");
  return accord::text_result(error.sqlstate + " " + error.message + " | " + error.detail + " | " + error.hint);
}

// Work done in a subtransaction that succeeds stays.
ACCORD_FUNCTION(wall_committed) {
  std::string sql = accord::arguments(fcinfo).text(0, "sql");
  accord::reported_error error;
  bool ok = accord::subtransaction([&] { accord::spi::execute(sql); }, error);
  return BoolGetDatum(ok);
}

// Whether a half-handled exception is still around: it must not be, in a fresh call.
ACCORD_FUNCTION(wall_exceptions_in_flight) {
  return Int32GetDatum(std::uncaught_exceptions() + (std::current_exception() ? 1 : 0));
}

// Resident memory of this backend in kB.
ACCORD_FUNCTION(wall_resident) {
  long pages = 0, resident = 0;
  FILE* f = std::fopen("/proc/self/statm", "r");
  if (f) {
    if (std::fscanf(f, "%ld %ld", &pages, &resident) != 2) resident = 0;
    std::fclose(f);
  }
  return Int64GetDatum(resident * (sysconf(_SC_PAGESIZE) / 1024));
}
