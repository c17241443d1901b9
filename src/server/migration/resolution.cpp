// See resolution.hpp.
#include "server/migration/resolution.hpp"

#include <fmt/format.h>

#include "core/renaming.hpp"
#include "pg/scope.hpp"
#include "server/migration/facts.hpp"
#include "server/migration/other_table.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/own_ddl.hpp"

#include "pg/pg.h"

namespace accord::migration {

user_texts read_list(const std::optional<std::string>& list, std::vector<plan::assignment>& assignments) {
  user_texts texts;
  if (!list) return texts;
  for (auto& a : parse_assignments(*list)) {
    assignments.push_back({a.column, a.expression.text});
    texts.texts.emplace_back(a.column, a.expression);
  }
  return texts;
}

std::vector<plan::assignment> assignments_of(const std::vector<assignment>& written) {
  std::vector<plan::assignment> assignments;
  for (const auto& a : written)
    assignments.push_back({a.column, a.expression.text});
  return assignments;
}

Oid target_of(const move_arguments& move) {
  if (OidIsValid(move.existing)) return move.existing;
  return OidIsValid(move.going) ? move.going : relation_called(move.target);
}

namespace {

expression_scope scope_of(Oid relation, const std::string& qualifier, const plan::live_version& version, bool by_physical) {
  expression_scope scope{relation, qualifier, {}};
  for (const auto& column : version.columns) {
    const char* name = by_physical ? column.physical.c_str() : column.name.c_str();
    scope.columns.push_back({column.name, pg([&] { return get_attnum(relation, name); })});
  }
  return scope;
}

// An empty table with the columns of the new version, for as long as f runs: what `down` is compiled against.
template <typename F>
void with_table_of(const plan::migration& m, F f) {
  std::string columns;
  for (const auto& column : m.new_version().shape.columns) {
    columns += (columns.empty() ? "" : ", ") + core::quote_identifier(column.name) + " " + column.type.text;
    if (!column.type.collation.empty()) columns += " COLLATE " + column.type.collation;
  }
  auto name = fmt::format("accord_catalog._accord_{}_shape", m.id);
  own_ddl ours;
  catalog::execute(fmt::format("CREATE TABLE {} ({})", name, columns));
  catalog::execute(fmt::format("ALTER TABLE {} OWNER TO {}", name, core::quote_identifier(m.owner)));
  f(catalog::query("SELECT to_regclass($1)::oid", {name}).front().oid(0));
  catalog::execute(fmt::format("DROP TABLE {}", name));
}

// An empty list for what the user has not written: those columns are moved as they are.
expression_text text_of(const std::vector<assignment>& written, const std::string& column, const std::string& text) {
  for (const auto& a : written)
    if (a.column == column && a.expression.text == text) return a.expression;
  return expression_text(text);
}

// `source`: the table, or one that has the columns of the version with the columns that move.
void resolve_moves(plan::migration& m, const std::vector<move_arguments>& written, Oid source, const plan::live_version& version,
                   bool by_physical) {
  auto source_scope = scope_of(source, version.shape.relation.name, version, by_physical);
  expression_scope nothing{source, version.shape.relation.name, {}};
  for (std::size_t n = 0; n < m.moves.size(); n++) {
    auto& move = m.moves[n];
    Oid target = target_of(written[n]);
    const auto& push = move.arrives ? written[n].down : written[n].up;
    const auto& pull = move.arrives ? written[n].up : written[n].down;
    expression_scope target_scope{target, move.target.name, {}};
    for (const auto& row :
         catalog::query("SELECT attname, attnum FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped", {target}))
      target_scope.columns.push_back({row.text(0), static_cast<AttrNumber>(row.integer(1))});
    for (std::size_t i = 0; i < move.columns.size(); i++)
      move.push[i] =
          resolve_expression(source_scope, text_of(push, move.columns[i], move.push[i]), column_target(target, move.columns[i])).text;
    for (std::size_t i = 0; i < move.source_columns.size(); i++) {
      const auto& name = move.source_columns[i];
      auto column = column_target(source, by_physical ? version.find(name)->physical : name);
      column.column = name;
      move.pull[i] = resolve_expression(target_scope, text_of(pull, name, move.pull[i]), column).text;
      move.absent[i] = resolve_expression(nothing, expression_text(move.absent[i]), column).text;
    }
  }
}

std::string generation_of(Oid table, const std::string& column) {
  pinned_search_path path;
  return catalog::query(
             "SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum "
             "= d.adnum WHERE d.adrelid = $1::oid AND a.attname = $2::name",
             {table, column})
      .front()
      .text(0);
}

// The server itself says whether an expression can generate a column, and what it is called with every name qualified.  Stored ones keep
// the names of their version, virtual ones are added over physical names.
void resolve_generated(const registry::contract& contract, plan::migration& m, Oid shape) {
  auto table = fmt::format("accord_catalog._accord_{}_shape", m.id);
  auto replace = [&](const std::string& name, const std::string& expression, const char* kind) {
    const auto& type = m.new_version().shape.find_column(name)->type;
    as_user identity(owner_oid(contract.relation), true);
    spi::execute(fmt::format("ALTER TABLE {0} DROP COLUMN {1}, ADD COLUMN {1} {2}{3} GENERATED ALWAYS AS ({4}) {5}", table,
                             core::quote_identifier(name), type.text, type.collation.empty() ? "" : " COLLATE " + type.collation,
                             expression, kind));
  };
  for (auto& t : m.transforms) {
    if (!t.computed) continue;
    replace(t.new_columns.front(), t.up.front(), "STORED");
    t.up.front() = generation_of(shape, t.new_columns.front());
  }
  if (m.generation.empty()) return;
  for (const auto& column : m.new_version().columns)
    if (auto found = m.generation.find(column.physical); found != m.generation.end()) replace(column.name, found->second, "VIRTUAL");
  core::rename_list there, back;
  for (const auto& column : m.new_version().columns) {
    there.emplace_back(column.name, column.physical);
    back.emplace_back(column.physical, column.name);
  }
  auto rename = [&](const core::rename_list& names) {
    for (const auto& [from, to] : core::in_safe_order(names, "_accord_swap"))
      catalog::execute(
          fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", table, core::quote_identifier(from), core::quote_identifier(to)));
  };
  rename(there);
  for (auto& [physical, expression] : m.generation)
    expression = generation_of(shape, physical);
  rename(back);
}

}  // namespace

void resolve(const registry::contract& contract, plan::migration& m, const user_texts& up, const user_texts& down) {
  if (m.transforms.empty() && m.generation.empty()) return;
  const auto& old_version = m.old_version();
  const auto& new_version = m.new_version();
  with_table_of(m, [&](Oid shape) {
    auto old_scope = scope_of(contract.relation, old_version.shape.relation.name, old_version, true);
    resolve_generated(contract, m, shape);
    auto new_scope = scope_of(shape, new_version.shape.relation.name, new_version, false);
    for (auto& t : m.transforms) {
      if (t.computed) continue;
      for (std::size_t i = 0; i < t.new_columns.size(); i++)
        t.up[i] = resolve_expression(old_scope, up.of(t.new_columns[i], t.up[i]), column_target(shape, t.new_columns[i])).text;
      for (std::size_t i = 0; i < t.old_columns.size(); i++) {
        if (!t.down[i]) continue;
        auto target = column_target(contract.relation, old_version.find(t.old_columns[i])->physical);
        target.column = t.old_columns[i];
        t.down[i] = resolve_expression(new_scope, down.of(t.old_columns[i], *t.down[i]), target).text;
      }
    }
  });
}

void resolve_moves(const registry::contract& contract, plan::migration& m, const std::vector<move_arguments>& written) {
  if (m.moves.empty()) return;
  if (m.moves.front().arrives)
    with_table_of(m, [&](Oid shape) { resolve_moves(m, written, shape, m.new_version(), false); });
  else
    resolve_moves(m, written, contract.relation, m.old_version(), true);
}

}  // namespace accord::migration
