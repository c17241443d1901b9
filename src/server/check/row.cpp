// row.  See row.hpp.
#include "server/check/row.hpp"

#include <fmt/format.h>

#include "pg/pg.h"

namespace accord::check {

std::string time_for(std::int64_t bytes, bool rewrite) {
  constexpr double scan_rate = 150e6, rewrite_rate = 75e6;  // bytes a second of an ordinary disk
  return fmt::format("{:.3f} seconds", static_cast<double>(bytes) / (rewrite ? rewrite_rate : scan_rate));
}

std::int64_t bytes_of(Oid relation) {
  return pg([&] {
    std::int64_t bytes = -1;
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (HeapTupleIsValid(tuple)) {
      auto* form = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple));
      if (form->reltuples >= 0) bytes = static_cast<std::int64_t>(form->relpages) * BLCKSZ;
      ReleaseSysCache(tuple);
    }
    return bytes;
  });
}

}  // namespace accord::check
