// See trial.hpp.
#include "server/migration/trial.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "pg/scope.hpp"
#include "pg/spi.hpp"
#include "plan/errors.hpp"
#include "server/migration/move_trial.hpp"
#include "server/migration/trial_rows.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

using core::quote_identifier;
using core::quote_literal;

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

void try_rows(const plan::migration& m, const plan::transform& t, const std::string& sample) {
  if (t.new_columns.empty()) return;
  trial_query q{m, t};
  auto old_rows = q.old_rows(sample);
  auto to = m.new_version().version.text();
  std::string values;
  std::vector<std::string> required;
  for (std::size_t i = 0; i < t.new_columns.size(); i++) {
    values += fmt::format("{}{} AS v{}", i ? ", " : "", quote_identifier(t.new_columns[i]), i + 1);
    if (m.new_version().shape.find_column(t.new_columns[i])->not_null) required.push_back(fmt::format("v{} IS NULL", i + 1));
  }
  auto there = fmt::format("SELECT {} FROM ({}) AS n", values, q.new_rows(old_rows));
  if (!try_there({there, old_rows, to, t.new_columns, required}) || !q.comes_back()) return;
  back way{q.there_and_back(q.new_rows(old_rows)), old_rows, to};
  for (std::size_t i = 0; i < t.old_columns.size(); i++)
    if (t.down[i]) try_back(way, i + 1, t.old_columns[i], m.old_version().shape.find_column(t.old_columns[i])->type.base);
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
              fmt::format("SELECT {} FROM ({}) AS b", differs(1, column.type.base), q.there_and_back(q.new_rows("SELECT " + list))));
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
  if (m.transforms.empty() && m.moves.empty()) return;
  Oid owner = pg([&] {
    Relation relation = table_open(contract.relation, AccessShareLock);
    Oid oid = relation->rd_rel->relowner;
    table_close(relation, NoLock);
    return oid;
  });
  auto sample = sample_of(contract.relation);
  pinned_search_path path;
  path.set("row_security", "off");
  as_user identity(owner, true);
  for (const auto& t : m.transforms) {
    if (t.computed) continue;
    try_rows(m, t, sample);
    try_edges(m, t);
  }
  for (const auto& move : m.moves)
    try_move(contract, m, move);
}

}  // namespace accord::migration
