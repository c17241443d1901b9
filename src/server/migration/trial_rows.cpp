// See trial_rows.hpp.
#include "server/migration/trial_rows.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/text.hpp"
#include "pg/spi.hpp"
#include "plan/errors.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

constexpr int sample_size = 500;

std::string shown_value(const std::optional<std::string>& value) {
  if (!value) return "NULL";
  return value->size() > 60 ? value->substr(0, 57) + "..." : *value;
}

}  // namespace

std::string sample_of(Oid relation) {
  double rows =
      std::stod(spi::query("SELECT greatest(0, c.reltuples::double precision + coalesce((SELECT pg_catalog.sum(p.reltuples)"
                           "  FROM pg_catalog.pg_partition_tree(c.oid) t JOIN pg_catalog.pg_class p ON p.oid = t.relid WHERE t.isleaf), 0))"
                           "  FROM pg_catalog.pg_class c WHERE c.oid = $1::pg_catalog.oid",
                           {relation})
                    .front()
                    .text(0));
  return rows > 100000 ? fmt::format("TABLESAMPLE SYSTEM ({:.6f}) REPEATABLE (0) LIMIT {}", 100.0 * 20 * sample_size / rows, sample_size)
                       : fmt::format("LIMIT {}", sample_size);
}

bool try_there(const there& t) {
  reported_error error;
  std::string values;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < t.columns.size(); i++) {
    values += fmt::format("{}count(v{})", i ? ", " : "", i + 1);
    names.push_back(plan::errors::quoted(t.columns[i]));
  }
  bool fine = attempt([&] { spi::query(fmt::format("SELECT {} FROM ({}) AS n", values, t.rows)); }, error);
  if (!fine && error.sqlstate == "42501") return false;
  if (!fine)
    throw failure(core::sqlstate::transform_failed,
                  fmt::format("existing rows have no value in version {} for {}", t.to_version, plan::errors::listed(names)),
                  fmt::format("On sampled rows the expression in \"up\" fails: {}.", error.message),
                  "Make the expression cover every value that the old version has.");
  if (t.required.empty()) return true;
  auto bad = spi::query(fmt::format("SELECT count(*), (SELECT count(*) FROM ({}) AS s) FROM ({}) AS n WHERE {}", t.sampled, t.rows,
                                    core::joined(t.required, " OR ")));
  if (bad.front().integer(0) > 0)
    throw failure(core::sqlstate::transform_failed,
                  fmt::format("existing rows would be NULL in a column that version {} declares NOT NULL", t.to_version),
                  fmt::format("The expression in \"up\" gives NULL for {} of {} sampled rows.", bad.front().text(0), bad.front().text(1)),
                  "Make the expression cover NULL, for example with coalesce.");
  return true;
}

void try_back(const back& b, std::size_t n, const std::string& column, const std::string& type) {
  reported_error error;
  spi::rows rows;
  bool fine = attempt(
      [&] {
        rows = spi::query(fmt::format(
            "SELECT count(*), (SELECT count(*) FROM ({3}) AS s), min(o{0}::text), (array_agg(b{0}::text ORDER BY o{0}::text))[1]"
            "  FROM ({1}) AS b WHERE {2}",
            n, b.rows, differs(n, type), b.sampled));
      },
      error);
  if (!fine && error.sqlstate == "42501") return;
  if (!fine)
    spi::warning(fmt::format("the way back from version {} fails for column \"{}\" on sampled rows", b.to_version, column),
                 fmt::format("The expression in \"down\" fails: {}.", error.message),
                 "Clients of the new version will get this error when they write such values.");
  else if (rows.front().integer(0) > 0)
    spi::warning(fmt::format("column \"{}\" does not survive the way to version {} and back", column, b.to_version),
                 fmt::format("In {} of {} sampled rows; for example, {} comes back as {}.", rows.front().text(0), rows.front().text(1),
                             shown_value(rows.front().optional(2)), shown_value(rows.front().optional(3))),
                 "A row changes for clients of the old version only when a client of the new version changes that value.");
}

// What has no order of PostgreSQL's own is compared by its text: types without an equality operator, those whose operator compares something else
// (the area of a box), and those of extensions and users, whose operators the pinned search_path does not find.
std::string differs(std::size_t n, const std::string& type) {
  bool by_text = spi::query(
                     "SELECT FROM pg_catalog.pg_opclass c JOIN pg_catalog.pg_am m ON m.oid = c.opcmethod AND m.amname = 'btree'"
                     " WHERE c.opcdefault AND c.opcnamespace = 'pg_catalog'::pg_catalog.regnamespace"
                     "   AND c.opcintype = pg_catalog.to_regtype($1::pg_catalog.text)",
                     {type})
                     .empty();
  return fmt::format("o{0}{1} IS DISTINCT FROM b{0}{1}", n, by_text ? "::text" : "");
}

}  // namespace accord::migration
