// See trial.hpp.
#include "server/migration/trial.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "pg/scope.hpp"
#include "pg/spi.hpp"
#include "plan/errors.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

using core::quote_identifier;
using core::quote_literal;

constexpr int sample_size = 500;

// The value that an assignment to a column of that type gives: where a cast would cut off what is too long, it fails.
std::string assigned(const std::string& expression, const core::column_type& type) {
  static constexpr struct {
    const char *base, *coercion;
    int header;  // what the type modifier is larger by than the length
  } lengths[] = {{"character varying", "varchar", 4}, {"character", "bpchar", 4}, {"bit varying", "varbit", 0}, {"bit", "bit", 0}};
  auto open = type.text.find('(');
  for (const auto& l : lengths)
    if (type.base == l.base && open != std::string::npos)
      return fmt::format("pg_catalog.{0}(CAST({1} AS pg_catalog.{0}), {2}, false)", quote_identifier(l.coercion), expression,
                         std::stoi(type.text.substr(open + 1)) + l.header);
  return fmt::format("CAST({} AS {})", expression, type.text);
}

// The columns of one version as a sub-select, and what the expressions over them are called outside.
struct trial_query {
  const plan::migration& m;
  const plan::transform& t;

  // Rows of the old version under their visible names.
  std::string old_rows(const std::string& sample) const {
    std::string list;
    for (const auto& column : m.old_version().columns)
      list += (list.empty() ? "" : ", ") + ("t." + quote_identifier(column.physical) + " AS " + quote_identifier(column.name));
    return fmt::format("SELECT {} FROM {} AS t {}", list, m.table.sql(), sample);
  }

  // Rows of the new version, with the old columns of the group beside them as o1, o2 ...
  std::string new_rows(const std::string& old_rows) const {
    std::string list;
    auto add = [&](const std::string& expression, const std::string& name) {
      list += (list.empty() ? "" : ", ") + expression + " AS " + quote_identifier(name);
    };
    for (const auto& column : m.new_version().shape.columns) {
      if (const auto* up = up_of(column.name))
        add(assigned(*up, column.type), column.name);
      else if (auto origin = old_name_of(column.name))
        add(quote_identifier(*origin), column.name);
      else
        add(fmt::format("CAST(NULL AS {})", column.type.text), column.name);
    }
    for (std::size_t i = 0; i < t.old_columns.size(); i++)
      add(quote_identifier(t.old_columns[i]), fmt::format("_accord_o{}", i + 1));
    return fmt::format("SELECT {} FROM ({}) AS {}", list, old_rows, quote_identifier(m.old_version().shape.relation.name));
  }

  // o1, b1, o2, b2 ...: each old column and what comes back of it.
  std::string there_and_back(const std::string& new_rows) const {
    std::string list;
    for (std::size_t i = 0; i < t.old_columns.size(); i++) {
      if (!t.down[i]) continue;
      const auto& type = m.old_version().shape.find_column(t.old_columns[i])->type;
      list += fmt::format("{}_accord_o{} AS o{}, {} AS b{}", list.empty() ? "" : ", ", i + 1, i + 1, assigned(*t.down[i], type), i + 1);
    }
    return fmt::format("SELECT {} FROM ({}) AS {}", list, new_rows, quote_identifier(m.new_version().shape.relation.name));
  }

  const std::string* up_of(const std::string& name) const {
    for (const auto& group : m.transforms)
      for (std::size_t i = 0; i < group.new_columns.size() && !group.computed; i++)
        if (group.new_columns[i] == name) return &group.up[i];
    return nullptr;
  }
  std::optional<std::string> old_name_of(const std::string& name) const {
    const auto& physical = m.new_version().find(name)->physical;
    for (const auto& column : m.old_version().columns)
      if (column.physical == physical) return column.name;
    return std::nullopt;
  }
  bool comes_back() const {
    return std::any_of(t.down.begin(), t.down.end(), [](const auto& d) { return d.has_value(); });
  }
};

// Types without an equality operator are compared by their text.
std::string differs(const plan::migration& m, const std::string& column, std::size_t i) {
  const auto& base = m.old_version().shape.find_column(column)->type.base;
  static constexpr const char* without_equality[] = {"json", "xml", "point", "polygon", "txid_snapshot", "pg_snapshot"};
  bool by_text = std::any_of(std::begin(without_equality), std::end(without_equality), [&](const char* name) { return base == name; });
  return by_text ? fmt::format("o{0}::text IS DISTINCT FROM b{0}::text", i + 1) : fmt::format("o{0} IS DISTINCT FROM b{0}", i + 1);
}

std::string shown(const std::optional<std::string>& value) {
  if (!value) return "NULL";
  return value->size() > 60 ? value->substr(0, 57) + "..." : *value;
}

// A subtransaction for a trial; a cancellation is not what is tried.
template <typename F>
bool attempt(F&& f, reported_error& error) {
  if (subtransaction(f, error)) return true;
  if (error.sqlstate.starts_with("57")) throw failure(error.sqlstate, error.message, error.detail, error.hint);
  return false;
}

void try_rows(const plan::migration& m, const plan::transform& t, const std::string& sample) {
  trial_query q{m, t};
  auto old_rows = q.old_rows(sample);
  auto to = m.new_version().version.text();
  reported_error error;

  // There: every sampled row must have a value.
  std::string nulls, values;
  for (const auto& name : t.new_columns) {
    values += (values.empty() ? "" : ", ") + fmt::format("count({})", quote_identifier(name));
    if (m.new_version().shape.find_column(name)->not_null) nulls += (nulls.empty() ? "" : " OR ") + quote_identifier(name) + " IS NULL";
  }
  if (!t.new_columns.empty()) {
    bool fine = attempt([&] { spi::query(fmt::format("SELECT {} FROM ({}) AS n", values, q.new_rows(old_rows))); }, error);
    if (!fine && error.sqlstate == "42501") return;  // row-level security hides rows from their owner: nothing can be said
    if (!fine)
      throw failure(core::sqlstate::transform_failed,
                    fmt::format("existing rows have no value in version {} for {}", to, plan::errors::listed([&] {
                                  std::vector<std::string> names;
                                  for (const auto& name : t.new_columns)
                                    names.push_back(plan::errors::quoted(name));
                                  return names;
                                }())),
                    fmt::format("On sampled rows the expression in \"up\" fails: {}.", error.message),
                    "Make the expression cover every value that the old version has.");
    if (!nulls.empty()) {
      auto bad = spi::query(fmt::format("SELECT count(*), (SELECT count(*) FROM ({0}) AS s) FROM ({1}) AS n WHERE {2}", old_rows,
                                        q.new_rows(old_rows), nulls));
      if (bad.front().integer(0) > 0)
        throw failure(
            core::sqlstate::transform_failed, fmt::format("existing rows would be NULL in a column that version {} declares NOT NULL", to),
            fmt::format("The expression in \"up\" gives NULL for {} of {} sampled rows.", bad.front().text(0), bad.front().text(1)),
            "Make the expression cover NULL, for example with coalesce.");
    }
  }

  // And back.
  if (!q.comes_back() || t.new_columns.empty()) return;
  auto back = q.there_and_back(q.new_rows(old_rows));
  for (std::size_t i = 0; i < t.old_columns.size(); i++) {
    if (!t.down[i]) continue;
    spi::rows rows;
    bool fine = attempt(
        [&] {
          rows = spi::query(fmt::format(
              "SELECT count(*), (SELECT count(*) FROM ({3}) AS s), min(o{0}::text), (array_agg(b{0}::text ORDER BY o{0}::text))[1]"
              "  FROM ({1}) AS b WHERE {2}",
              i + 1, back, differs(m, t.old_columns[i], i), old_rows));
        },
        error);
    if (!fine)
      spi::warning(fmt::format("the way back from version {} fails for column \"{}\" on sampled rows", to, t.old_columns[i]),
                   fmt::format("The expression in \"down\" fails: {}.", error.message),
                   "Clients of the new version will get this error when they write such values.");
    else if (rows.front().integer(0) > 0)
      spi::warning(fmt::format("column \"{}\" does not survive the way to version {} and back", t.old_columns[i], to),
                   fmt::format("In {} of {} sampled rows; for example, {} comes back as {}.", rows.front().text(0), rows.front().text(1),
                               shown(rows.front().optional(2)), shown(rows.front().optional(3))),
                   "A row changes for clients of the old version only when a client of the new version changes that value.");
  }
}

// Edge values -------------------------------------------------------------------------------------

struct edge_values {
  const char* type;
  const char* values[5];
};

constexpr edge_values edges[] = {
    {"smallint", {"0", "-1", "32767", "-32768"}},
    {"integer", {"0", "-1", "2147483647", "-2147483648"}},
    {"bigint", {"0", "-1", "9223372036854775807", "-9223372036854775808"}},
    {"numeric", {"0", "-1.5", "NaN", "Infinity"}},
    {"real", {"0", "-1.5", "NaN", "Infinity"}},
    {"double precision", {"0", "-1.5", "NaN", "Infinity"}},
    {"text", {"", " ", "a'b", "0", "e\xcc\x81"}},
    {"character varying", {"", " ", "a'b", "0"}},
    {"boolean", {"true", "false"}},
    {"date", {"epoch", "infinity", "-infinity"}},
    {"timestamp without time zone", {"epoch", "infinity", "-infinity"}},
    {"timestamp with time zone", {"epoch", "infinity", "-infinity"}},
    {"interval", {"0", "-1 mon", "1 day 25:00:00"}},
};

const edge_values* edges_of(const std::string& base) {
  auto found = std::find_if(std::begin(edges), std::end(edges), [&](const auto& e) { return base == e.type; });
  return found == std::end(edges) ? nullptr : found;
}

void try_edges(const plan::migration& m, const plan::transform& t) {
  if (t.old_columns.size() != 1 || !t.down[0] || t.new_columns.empty()) return;
  const auto& column = *m.old_version().shape.find_column(t.old_columns[0]);
  const auto* known = edges_of(column.type.base);
  // An expression that reads columns beside its own cannot be tried on one value.
  if (!known) return;
  trial_query q{m, t};
  std::vector<std::string> failing, lossy;
  for (const char* value : known->values) {
    if (!value) break;
    reported_error error;
    auto held = fmt::format("CAST({} AS {})", quote_literal(value), column.type.text);
    if (!attempt([&] { spi::query("SELECT " + held); }, error)) continue;  // no row has it: Infinity in a numeric(10,2)
    std::string list;
    for (const auto& other : m.old_version().shape.columns)
      list +=
          (list.empty() ? "" : ", ") +
          fmt::format("{} AS {}", other.name == column.name ? held : "CAST(NULL AS " + other.type.base + ")", quote_identifier(other.name));
    spi::rows rows;
    bool fine = attempt(
        [&] {
          rows = spi::query(
              fmt::format("SELECT {} FROM ({}) AS b", differs(m, column.name, 0), q.there_and_back(q.new_rows("SELECT " + list))));
        },
        error);
    if (!fine)
      failing.push_back(quote_literal(value));
    else if (rows.front().boolean(0))
      lossy.push_back(quote_literal(value));
  }
  auto to = m.new_version().version.text();
  if (!failing.empty())
    spi::notice(fmt::format("values of column \"{}\" that version {} cannot hold: {}", column.name, to, plan::errors::listed(failing)));
  if (!lossy.empty())
    spi::notice(fmt::format("values of column \"{}\" that do not survive the way to version {} and back: {}", column.name, to,
                            plan::errors::listed(lossy)));
}

}  // namespace

void try_on_rows(const registry::contract& contract, const plan::migration& m) {
  if (m.transforms.empty()) return;
  Oid owner = pg([&] {
    Relation relation = table_open(contract.relation, AccessShareLock);
    Oid oid = relation->rd_rel->relowner;
    table_close(relation, NoLock);
    return oid;
  });
  // A large table is sampled by pages from all over it.
  double rows =
      std::stod(spi::query("SELECT greatest(0, c.reltuples::double precision + coalesce((SELECT pg_catalog.sum(p.reltuples)"
                           "  FROM pg_catalog.pg_partition_tree(c.oid) t JOIN pg_catalog.pg_class p ON p.oid = t.relid WHERE t.isleaf), 0))"
                           "  FROM pg_catalog.pg_class c WHERE c.oid = $1::pg_catalog.oid",
                           {contract.relation})
                    .front()
                    .text(0));
  auto sample = rows > 100000
                    ? fmt::format("TABLESAMPLE SYSTEM ({:.6f}) REPEATABLE (0) LIMIT {}", 100.0 * 20 * sample_size / rows, sample_size)
                    : fmt::format("LIMIT {}", sample_size);
  pinned_search_path path;
  path.set("row_security", "off");
  as_user identity(owner, true);
  for (const auto& t : m.transforms) {
    if (t.computed) continue;
    try_rows(m, t, sample);
    try_edges(m, t);
  }
}

}  // namespace accord::migration
