// clone.  See clone.hpp.
#include "server/check/clone.hpp"

#include <fmt/format.h>

#include "pg/scope.hpp"
#include "pg/spi.hpp"
#include "server/check/clone_sql.hpp"
#include "server/check/execute.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

struct piece {
  std::string what, ddl;
};

std::vector<piece> pieces(const char* sql, const std::string& oids) {
  std::vector<piece> result;
  for (const auto& row : spi::query(sql, {oids}))
    result.push_back({row.text(0), row.text(1)});
  return result;
}

// Runs them in their order; those that fail wait for the others, since the order of creation is not always that of need.
std::vector<std::string> run(std::vector<piece> list, const executor& by, clone_names& names) {
  std::vector<std::string> problems;
  for (bool progress = true; progress && !list.empty();) {
    progress = false;
    std::vector<piece> left;
    problems.clear();
    for (auto& p : list) {
      std::string ddl = names.rewritten(p.ddl);
      reported_error error;
      if (subtransaction(
              [&] {
                as_executor owner(by);
                run_utility(ddl);
              },
              error)) {
        progress = true;
        continue;
      }
      if (error.sqlstate == "53200" || error.sqlstate == "55P03") throw core::failure(error.sqlstate, error.message);
      problems.push_back(fmt::format("{}: {}", p.what, names.restored(error.message)));
      left.push_back(std::move(p));
    }
    list = std::move(left);
  }
  return problems;
}

void append(std::vector<std::string>& to, std::vector<std::string> more) {
  for (auto& m : more)
    to.push_back(std::move(m));
}

void publish(const std::string& relations, clone_names& names) {
  auto published = spi::query(clone_sql::published, {relations});
  if (published.empty()) return;
  std::string tables;
  for (const auto& row : published)
    tables += (tables.empty() ? "" : ", ") + names.rewritten(row.text(0));
  std::string publication = fmt::format("accord_check_{}", MyProcPid);
  reported_error error;
  (void)subtransaction(
      [&] {
        as_user extension(extension_owner());
        run_utility(fmt::format("CREATE PUBLICATION {} FOR TABLE {}", publication, tables));
      },
      error);  // only a superuser can publish what he does not own: then SET UNLOGGED is not known to fail
}

}  // namespace

std::vector<std::string> clone(const closure& c, const executor& by, clone_names& names) {
  pinned_search_path path;
  std::string relations = spi::oid_array(c.relations), types = spi::oid_array(c.types), functions = spi::oid_array(c.functions);
  for (const auto& row : spi::query(clone_sql::names, {relations, types, functions}))
    names.add(row.text(0), row.text(1));

  std::vector<std::string> problems = run(pieces(clone_sql::types, types), by, names);
  auto functions_first = pieces(clone_sql::functions, functions);
  bool functions_left = !run(functions_first, by, names).empty();
  append(problems, run(pieces(clone_sql::sequences, relations), by, names));
  append(problems, run(pieces(clone_sql::tables, relations), by, names));
  if (functions_left) (void)run(functions_first, by, names);  // those that take a row of a table
  append(problems, run(pieces(clone_sql::not_valid, relations), by, names));
  append(problems, run(pieces(clone_sql::columns, relations), by, names));
  append(problems, run(pieces(clone_sql::partitions, relations), by, names));
  append(problems, run(pieces(clone_sql::sequence_owners, relations), by, names));
  append(problems, run(pieces(clone_sql::views, relations), by, names));
  append(problems, run(pieces(clone_sql::indexes, relations), by, names));
  append(problems, run(pieces(clone_sql::index_partitions, relations), by, names));
  append(problems, run(pieces(clone_sql::foreign_keys, relations), by, names));
  append(problems, run(pieces(clone_sql::rest, relations), by, names));
  publish(relations, names);
  return problems;
}

}  // namespace accord::check
