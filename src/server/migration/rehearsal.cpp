// See rehearsal.hpp.
#include "server/migration/rehearsal.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "change/names_in_sql.hpp"
#include "pg/scope.hpp"
#include "plan/companion_steps.hpp"
#include "plan/errors.hpp"
#include "plan/steps.hpp"
#include "server/migration/children.hpp"
#include "server/migration/publications.hpp"
#include "server/migration/run_steps.hpp"
#include "server/migration/store.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// A foreign key of the old version in the words of the new one; what it references can be part of the migration too.
void speak_of_new_names(core::constraint& key, const plan::migration& m, const std::vector<step_table>& tables) {
  auto names_of = [](const plan::migration& one) {
    change::renames names;
    for (const auto& column : one.old_version().columns)
      if (auto name = one.successor_of(column.name); !name.empty()) names[column.name] = name;
    return names;
  };
  auto own = std::min(key.definition.find(" REFERENCES "), key.definition.size());
  auto referenced = key.definition.substr(own);
  for (const auto& [relation, other] : tables) {
    if (other->table.sql() != key.references) continue;
    const auto& name = other->new_version().shape.relation;
    referenced = change::retargeted_in(change::renamed_in(referenced, names_of(*other)), key.references, name.sql());
    key.references = name.sql();
    break;
  }
  key.definition = change::renamed_in(key.definition.substr(0, own), names_of(m)) + referenced;
}

// What the companions of the migration will be.
void promise_companions(core::shape& shape, const plan::migration& m, const std::vector<step_table>& tables) {
  for (const auto& c : m.companions) {
    // In a chain the original is an older version's, on a column that keeps its name in the rehearsal.
    std::erase_if(shape.constraints, [&](const auto& x) { return !c.added && x.name == plan::old_twin_name(m.id, c); });
    auto captured = std::find_if(shape.constraints.begin(), shape.constraints.end(), [&](const auto& x) { return x.name == c.name; });
    if (captured != shape.constraints.end() && c.validated && !captured->validated) {
      captured->validated = true;
      if (constexpr std::string_view suffix = " NOT VALID"; captured->definition.ends_with(suffix))
        captured->definition.resize(captured->definition.size() - suffix.size());
    }
    bool late = (c.late || c.of_partitioned) && c.kind == plan::companion_kind::foreign_key;
    if (!late && (!c.has_index() || (c.kind == plan::companion_kind::index && !c.unique))) continue;
    // The old version's, of which the columns are not told: expressions.
    if (!late) std::erase_if(shape.constraints, [&](const auto& x) { return x.name == c.name; });
    core::constraint promised;
    for (const auto& original : m.old_version().shape.constraints)
      if (!c.added && original.name == c.name) {
        promised = original;
        for (auto& column : promised.columns)
          column = m.successor_of(column);
        if (late) speak_of_new_names(promised, m, tables);
      }
    for (const auto& planned : m.new_version().shape.constraints)
      if (c.added && planned.name == c.name) promised = planned;
    promised.name = c.name;
    promised.kind = c.kind == plan::companion_kind::index ? "unique index" : std::string(plan::name_of(c.kind));
    if (c.added && c.kind == plan::companion_kind::index) {
      promised.columns = c.key_columns;
      promised.partial = c.partial;
    }
    if (!late)
      promised.definition = c.kind == plan::companion_kind::index
                                ? fmt::format("ON {}{} {}", shape.kind == "partitioned table" ? "ONLY " : "", shape.relation.sql(), c.shown)
                                : c.shown;
    shape.constraints.push_back(std::move(promised));
  }
  for (const auto& d : m.dropped)
    std::erase_if(shape.constraints, [&](const auto& x) { return x.name == d.name; });
  core::canonicalize(shape);
}

// What is not there yet cannot be rehearsed: indexes are built later, and an identity stands on a proven NOT NULL.
void leave_out_later_objects(plan::migration& m) {
  std::erase_if(m.companions,
                [](const auto& c) { return c.has_index() || c.kind == plan::companion_kind::statistics || c.late || c.of_partitioned; });
  m.sequences.clear();
}

// The planned shape has defaults as the user wrote them; the catalogs have them in their own words.
void adopt_texts(plan::live_version& version, const core::shape& promised) {
  for (auto& column : version.shape.columns)
    if (const auto* captured = promised.find_column(column.name)) {
      auto& mapped = *std::find_if(version.columns.begin(), version.columns.end(), [&](const auto& c) { return c.name == column.name; });
      if (mapped.view_default && mapped.view_default == column.default_expression) mapped.view_default = captured->default_expression;
      column.default_expression = captured->default_expression;
    }
}

plan::outcome completion_of(plan::migration& m) {
  leave_out_later_objects(m);
  for (auto& child : m.children)
    leave_out_later_objects(child);
  auto steps = plan::complete_steps(m);
  // NOT NULL is proven only once no row is pending.
  std::erase_if(steps.statements, [](const auto& s) { return s.sql.find(" SET NOT NULL") != std::string::npos; });
  return steps;
}

// Those that were staged before it and are completed before it.  What they rename, it knows by its new name then.
std::vector<plan::statement> complete_earlier(const registry::contract& contract, plan::migration& m) {
  std::vector<plan::statement> statements;
  auto adopt = [](std::vector<plan::live_version>& to, const std::vector<plan::live_version>& from) {
    for (auto& version : to)
      for (const auto& known : from)
        if (known.version.major == version.version.major) version.columns = known.columns;
  };
  std::vector<plan::live_version> renamed;
  for (const auto& r : migrations_of(contract.id)) {
    if (r.id >= m.id || r.state == "completed") continue;
    auto earlier = load(contract, r);
    if (std::none_of(earlier.versions.begin(), earlier.versions.end(), [&](const auto& v) { return v.version.major == m.to; }))
      earlier.versions.push_back(m.new_version());
    adopt(earlier.versions, renamed);
    auto steps = completion_of(earlier);
    statements.insert(statements.end(), steps.statements.begin(), steps.statements.end());
    renamed = std::move(steps.after.versions);
    m.table = steps.after.table;
  }
  adopt(m.versions, renamed);
  return statements;
}

}  // namespace

void adopt_texts(plan::migration& m, const core::shape& promised) {
  for (auto& version : m.versions)
    if (version.version.major == m.to) adopt_texts(version, promised);
}

core::shape rehearsed_shape(const registry::contract& contract, plan::migration& m, const std::vector<step_table>& tables) {
  auto rehearsed = m;
  auto before = complete_earlier(contract, rehearsed);
  auto steps = completion_of(rehearsed);
  core::shape shape;
  reported_error error;
  std::string rehearsing;
  bool kept = subtransaction(
      [&] {
        run(before, contract.relation);
        publish_new_columns(contract.relation, rehearsed);
        for (const auto& step : steps.statements) {
          rehearsing = step.sql;
          run({step}, contract.relation);
        }
        rehearsing.clear();
        run(plan::triggers_after_purge(steps.after), contract.relation);
        shape = registry::capture_shape(contract.relation);
        for (auto& child : m.children)
          adopt_texts(child, registry::capture_shape(relation_of(child)));
        throw failure("AC000", "rehearsed");
      },
      error);
  if (!rehearsing.empty() && error.sqlstate.substr(0, 2) == "42") throw plan::errors::completion_fails(rehearsing, error.message);
  if (kept || error.sqlstate != "AC000") throw failure(error.sqlstate, error.message, error.detail, error.hint);

  // In the order of the view, with the promises that could not be rehearsed.
  const auto& planned = m.new_version().shape;
  std::vector<core::column> columns;
  for (const auto& column : planned.columns)
    if (auto* captured = shape.find_column(column.name)) {
      columns.push_back(*captured);
      columns.back().not_null = column.not_null;
      columns.back().identity = column.identity;
    }
  shape.columns = std::move(columns);
  shape.relation = planned.relation;  // an earlier migration that is still live has not renamed the table yet
  // A twin of an earlier migration is proven before that one's version opens, and this one's opens after it.
  for (auto& c : shape.constraints)
    for (const auto& before : m.old_version().shape.constraints)
      if (before.name == c.name && before.validated && !c.validated) {
        c.validated = true;
        c.definition.resize(c.definition.size() - std::string_view(" NOT VALID").size());
      }
  promise_companions(shape, m, tables);
  return shape;
}

}  // namespace accord::migration
