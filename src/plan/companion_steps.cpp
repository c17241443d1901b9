// See companion_steps.hpp.
#include "plan/companion_steps.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace accord::plan {

using core::quote_identifier;
using core::quote_literal;

namespace {

bool is_partitioned(const migration& m) {
  return m.old_version().shape.kind == "partitioned table";
}

const char* unique_of(const companion& c) {
  return c.unique ? "UNIQUE " : "";
}

std::string timing_of(const companion& c) {
  return fmt::format("{}{}", c.deferrable ? " DEFERRABLE" : "", c.deferred ? " INITIALLY DEFERRED" : "");
}

void move_primary_key(script& s, const core::qualified_name& table, const std::string& index) {
  s.table(fmt::format("SELECT accord_catalog.move_primary_key({}, {})", quote_literal(table.sql()), quote_literal(index)),
          "The primary key passes to the other index, which holds the same rows.", runner::extension);
}

// A unique constraint becomes the table's primary key, or the other way round.
void set_primary_key(script& s, const migration& m, const std::string& constraint, bool primary) {
  s.table(
      fmt::format("SELECT accord_catalog.set_primary_key({}, {}, {})", quote_literal(m.table.sql()), quote_literal(constraint), primary),
      primary ? "The unique constraint becomes the primary key." : "The primary key becomes a unique constraint; its index stays.",
      runner::extension);
}

// From the words of an index to those of a constraint.
std::string as_constraint(const companion& c) {
  constexpr std::string_view method = "USING btree ";
  std::string text = c.definition.starts_with(method) ? c.definition.substr(method.size()) : c.definition;
  std::string nulls;
  if (constexpr std::string_view words = " NULLS NOT DISTINCT"; text.find(words) != std::string::npos) {
    text.erase(text.find(words), words.size());
    nulls = words;
  }
  return fmt::format("UNIQUE{} {}{}", nulls, text, timing_of(c));
}

// The index of a table that has no rows itself.
void make_empty_index(script& s, const companion& c, const std::string& table, const std::string& name) {
  const char* purpose = "An index with nothing below it; no row is read.";
  if (c.is_unique_constraint())
    s.table(fmt::format("ALTER TABLE ONLY {} ADD CONSTRAINT {} {}", table, quote_identifier(name), as_constraint(c)), purpose,
            runner::extension);
  else
    s.table(fmt::format("CREATE {}INDEX {} ON ONLY {} {}", unique_of(c), quote_identifier(name), table, c.definition), purpose,
            runner::extension);
}

void name_partition_indexes(script& s, const companion& c) {
  const char* label = c.kind == companion_kind::index ? "idx" : c.kind == companion_kind::primary_key ? "pkey" : "key";
  for (const auto& p : c.partitions)
    s.table(fmt::format("SELECT accord_catalog.name_partition_index({}, {}, '{}')",
                        quote_literal(core::qualified_name{p.table.schema, p.twin}.sql()), quote_literal(c.index_columns), label),
            "The name that the server itself gives to the index of a partition.", runner::extension, "SHARE UPDATE EXCLUSIVE");
}

void take_in_partitions(script& s, const migration& m, const companion& c) {
  make_empty_index(s, c, m.table.sql(), twin_name(m.id, c));
  for (const auto& p : c.partitions) {
    if (!p.leaf)
      make_empty_index(s, c, p.table.sql(), p.twin);
    else if (c.is_unique_constraint())
      s.table(fmt::format("ALTER TABLE {0} ADD CONSTRAINT {1} UNIQUE USING INDEX {1}{2}", p.table.sql(), quote_identifier(p.twin),
                          timing_of(c)),
              "The index is built and becomes a constraint; no row is read.", runner::extension);
  }
  for (const auto& p : c.partitions)
    s.table(fmt::format("ALTER INDEX {} ATTACH PARTITION {}", p.parent_twin.empty() ? index_sql(m, twin_name(m.id, c)) : p.parent_twin,
                        core::qualified_name{p.table.schema, p.twin}.sql()),
            "The partition's own index becomes part of the table's.", runner::extension);
  if (c.added) name_partition_indexes(s, c);
}

// Constraints carry their index along.  A table's owner need not be allowed to create objects in its schema, which other names ask for.
void rename_object(script& s, const migration& m, const companion& c, const std::string& from, const std::string& to) {
  const char* purpose = "A change of name, which no client notices.";
  if (c.kind == companion_kind::statistics)
    s.table(fmt::format("ALTER STATISTICS {} RENAME TO {}", index_sql(m, from), quote_identifier(to)), purpose, runner::extension,
            "SHARE UPDATE EXCLUSIVE");
  else if (c.has_index() && !c.is_unique_constraint())
    s.table(fmt::format("ALTER INDEX {} RENAME TO {}", index_sql(m, from), quote_identifier(to)), purpose, runner::extension,
            "SHARE UPDATE EXCLUSIVE");
  else
    s.table(fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", table_of(m, c), quote_identifier(from), quote_identifier(to)), purpose,
            runner_of(c));
}

// Where a key has a constraint before the version opens: the table, or its partitions.
std::vector<std::pair<std::string, std::string>> places_of_key(const migration& m, const companion& c) {
  if (!c.of_partitioned) return {{table_of(m, c), quote_identifier(twin_name(m.id, c))}};
  std::vector<std::pair<std::string, std::string>> places;
  for (const auto& p : c.partitions)
    if (p.leaf) places.emplace_back(p.table.sql(), quote_identifier(p.twin));
  return places;
}

void exchange_partitions(script& s, const migration& m, const companion& c, bool forward) {
  for (const auto& p : c.partitions) {
    auto twin = twin_name(m.id, c.kind, p.name), old = old_twin_name(m.id, c.kind, p.name);
    auto rename = [&](const std::string& from, const std::string& to) {
      if (c.is_key_to_other())
        s.table(fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", p.table.sql(), quote_identifier(from), quote_identifier(to)),
                "The same of a partition.", runner::extension);
      else
        s.table(fmt::format("ALTER INDEX {} RENAME TO {}", core::qualified_name{p.table.schema, from}.sql(), quote_identifier(to)),
                "The same of a partition.", runner::extension, "SHARE UPDATE EXCLUSIVE");
    };
    rename(p.name, forward ? old : twin);
    if (c.kind == companion_kind::primary_key && !c.deferrable) move_primary_key(s, p.table, p.twin);
    rename(p.twin, p.name);
  }
}

}  // namespace

std::string index_sql(const migration& m, const std::string& name) {
  return core::qualified_name{m.table.schema, name}.sql();
}

// A constraint of another table can have another owner; a key that is not checked when it is made runs nobody's code.
runner runner_of(const companion& c) {
  return c.kind == companion_kind::inbound_key ? runner::extension : runner::owner;
}

std::string table_of(const migration& m, const companion& c) {
  return c.kind == companion_kind::inbound_key ? c.references : m.table.sql();
}

void add_key(script& s, const migration& m, const companion& c) {
  for (const auto& [table, name] : places_of_key(m, c))
    s.table(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID", table, name, c.definition),
            fmt::format("Checked for what is written from now on; {} is locked too.", c.references), runner_of(c), "SHARE ROW EXCLUSIVE");
}

void validate_key(script& s, const migration& m, const companion& c) {
  for (const auto& [table, name] : places_of_key(m, c))
    s.table(fmt::format("ALTER TABLE {} VALIDATE CONSTRAINT {}", table, name), "Proves it for the rows that are there.", runner_of(c),
            "SHARE UPDATE EXCLUSIVE");
}

std::string make_exclusion(const migration& m, const companion& c) {
  std::string operators;
  for (const auto& name : c.operators) {
    operators += operators.empty() ? "\"" : ",\"";
    for (char letter : name)
      operators += letter == '"' || letter == '\\' ? std::string{'\\', letter} : std::string(1, letter);
    operators += '"';
  }
  return fmt::format("SELECT accord_catalog.make_exclusion({}, {}, {}, {}, {})", quote_literal(m.table.sql()),
                     quote_literal(twin_name(m.id, c)), quote_literal("{" + operators + "}"), c.deferrable, c.deferred);
}

std::vector<index_build> index_builds(const migration& m, const companion& c) {
  std::vector<index_build> builds;
  auto build = [&](const core::qualified_name& table, const std::string& name) {
    builds.push_back(
        {{table.schema, name},
         {phase::activate,
          fmt::format("CREATE {}INDEX CONCURRENTLY {} ON {} {}", unique_of(c), quote_identifier(name), table.sql(), c.definition),
          fmt::format("SHARE UPDATE EXCLUSIVE on {}", table.display()), "Built while clients read and write.", runner::owner}});
  };
  if (!c.has_index()) return builds;
  if (!is_partitioned(m)) build(m.table, twin_name(m.id, c));
  for (const auto& p : c.partitions)
    if (p.leaf) build(p.table, p.twin);
  return builds;
}

std::vector<index_build> index_builds(const migration& m) {
  std::vector<index_build> builds;
  for (const auto& child : m.children)
    for (auto& build : index_builds(child))
      builds.push_back(std::move(build));
  for (const auto& c : m.companions)
    for (auto& build : index_builds(m, c))
      builds.push_back(std::move(build));
  return builds;
}

void take_in_partitions(script& s, const migration& m) {
  for (const auto& c : m.companions)
    if (c.has_index() && is_partitioned(m) && !c.taken_in) take_in_partitions(s, m, c);
}

void name_added_indexes(script& s, const migration& m) {
  for (const auto& c : m.companions)
    if (c.added && c.has_index()) name_partition_indexes(s, c);
}

void open_companions(script& s, const migration& m) {
  std::vector<std::string> actions;
  for (const auto& c : m.companions)
    if (c.is_unique_constraint() && !is_partitioned(m))
      actions.push_back(fmt::format("ADD CONSTRAINT {0} UNIQUE USING INDEX {0}{1}", quote_identifier(twin_name(m.id, c)), timing_of(c)));
  s.alter(actions, "The index is built and becomes a constraint; no row is read.");
  for (const auto& c : m.companions)
    if (c.of_partitioned)
      s.table(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}", table_of(m, c), quote_identifier(twin_name(m.id, c)), c.definition),
              fmt::format("Takes in those of the partitions, which are proven, so no row is read; {} is locked too.", c.references),
              runner_of(c));
  for (const auto& c : m.companions) {
    auto twin = twin_name(m.id, c);
    for (auto [column, target] : c.statistics)
      s.table(fmt::format("ALTER INDEX {} ALTER COLUMN {} SET STATISTICS {}", index_sql(m, twin), column, target),
              "The statistics that the original has.", runner::owner, "SHARE UPDATE EXCLUSIVE");
    if (c.kind == companion_kind::statistics) {
      s.table(fmt::format("CREATE STATISTICS {} {} FROM {}", index_sql(m, twin), c.definition, m.table.sql()),
              "The statistics that the original has.", runner::extension, "SHARE UPDATE EXCLUSIVE");
      s.other(fmt::format("ALTER STATISTICS {} OWNER TO {}", index_sql(m, twin), quote_identifier(m.owner)),
              "They belong to the table's owner.");
    }
    if (c.is_retargeted()) continue;
    auto object = c.kind == companion_kind::statistics ? fmt::format("STATISTICS {}", index_sql(m, twin))
                  : c.opens_as_constraint()            ? fmt::format("CONSTRAINT {} ON {}", quote_identifier(twin), table_of(m, c))
                                                       : fmt::format("INDEX {}", index_sql(m, twin));
    auto describe = [&](const std::string& described, const std::optional<std::string>& comment) {
      if (comment)
        s.table(fmt::format("COMMENT ON {} IS {}", described, quote_literal(*comment)), "Its comment.", runner_of(c),
                "SHARE UPDATE EXCLUSIVE");
    };
    describe(object, c.comment);
    describe("INDEX " + index_sql(m, twin), c.index_comment);
  }
}

void retarget(script& s, const migration& m, std::string retargeting::*text, const char* purpose) {
  for (const auto& c : m.companions) {
    std::string sql;
    for (char letter : c.texts.*text)
      sql += letter == table_place ? m.table.sql() : std::string(1, letter);
    if (!sql.empty()) s.table(sql, purpose, runner::owner, c.kind == companion_kind::trigger ? "SHARE ROW EXCLUSIVE" : "ACCESS EXCLUSIVE");
  }
}

void exchange_names(script& s, const migration& m, bool forward) {
  auto added = std::find_if(m.companions.begin(), m.companions.end(),
                            [](const auto& c) { return c.added && c.kind == companion_kind::primary_key; });
  if (added != m.companions.end() && !forward) set_primary_key(s, m, added->name, false);
  for (const auto& d : m.dropped)
    if (d.kind == companion_kind::primary_key && added != m.companions.end()) set_primary_key(s, m, d.name, !forward);
  if (added != m.companions.end() && forward) set_primary_key(s, m, added->name, true);
  for (const auto& c : m.companions) {
    if (c.added || c.is_retargeted() || c.merged) continue;  // a merged one changes its name with that of the parents
    auto twin = twin_name(m.id, c), old = old_twin_name(m.id, c);
    bool moves = c.kind == companion_kind::primary_key && !c.deferrable, changes = c.kind == companion_kind::primary_key && c.deferrable;
    if (changes) set_primary_key(s, m, c.name, false);
    rename_object(s, m, c, c.name, forward ? old : twin);
    if (moves) move_primary_key(s, m.table, forward ? twin : old);
    rename_object(s, m, c, forward ? twin : old, c.name);
    exchange_partitions(s, m, c, forward);
    if (changes) set_primary_key(s, m, c.name, true);
    if (c.clustered) s.alter({fmt::format("CLUSTER ON {}", quote_identifier(c.name))}, "The order in which CLUSTER puts the table.");
    if (c.replica_identity)
      s.alter({fmt::format("REPLICA IDENTITY USING INDEX {}", quote_identifier(c.name))}, "What subscribers know rows by.");
  }
}

void drop_keys(script& s, const migration& m, bool old) {
  for (const auto& c : m.companions) {
    if (!c.late) continue;
    auto drop = [&](const std::string& table, const std::string& name) {
      s.table(fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", table, quote_identifier(name)),
              fmt::format("It stands on columns that go; {} is locked too.", c.references), runner_of(c));
    };
    drop(table_of(m, c), old ? old_twin_name(m.id, c) : twin_name(m.id, c));
    for (const auto& p : c.partitions)  // before the version opened
      if (!old && p.leaf) drop(p.table.sql(), p.twin);
  }
}

}  // namespace accord::plan
