// See preparation.hpp.
#include "server/migration/preparation.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "core/text.hpp"
#include "pg/scope.hpp"
#include "plan/errors.hpp"
#include "plan/steps.hpp"
#include "server/ddl/statement.hpp"
#include "server/migration/children.hpp"
#include "server/migration/earlier_twins.hpp"
#include "server/migration/facts.hpp"
#include "server/migration/index_statements.hpp"
#include "server/migration/other_table.hpp"
#include "server/migration/partition_parts.hpp"
#include "server/migration/resolution.hpp"
#include "server/migration/retargeting.hpp"
#include "server/migration/store.hpp"
#include "server/migration/twin_definitions.hpp"
#include "server/registry/catalog.hpp"
#include "server/sync/expression.hpp"
#include "server/sync/names.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// The DDL -----------------------------------------------------------------------------------------

// The database as clients of the newest version see it: the table under the name and with the columns that this version gives it.
class version_world : public ddl::catalog_world {
 public:
  version_world(const registry::contract& contract, core::shape shape) : contract_(contract), shape_(std::move(shape)) {}

  Oid find(const RangeVar* written) override {
    const char* schema = written->schemaname;
    if (shape_.relation.name == written->relname && (!schema || shape_.relation.schema == schema)) return contract_.relation;
    return catalog_world::find(written);
  }
  core::qualified_name name_of(Oid relation) override {
    return relation == contract_.relation ? shape_.relation : catalog_world::name_of(relation);
  }
  const core::shape* shape_of(Oid relation) override {
    return relation == contract_.relation ? &shape_ : catalog_world::shape_of(relation);
  }
  void follow(const std::vector<change::any_change>& changes) { shape_ = change::applied(std::move(shape_), changes); }

 private:
  const registry::contract& contract_;
  core::shape shape_;
};

class change_reader : public ddl::reader {
 public:
  change_reader(const registry::contract& contract, version_world& world, const std::string& script)
      : contract_(contract), world_(world), script_(script) {}

  void each(Node* tree, std::vector<ddl::statement> targets) override {
    if (targets.empty())
      throw plan::errors::change_not_staged("a statement that changes no table",
                                            "A migration carries the changes of the contract's own table.", "Leave the statement out.");
    auto described = described_by(tree);
    if (described && (described->comment.of_index || world_.find(described->relation) == contract_.relation)) {
      comments.push_back(std::move(described->comment));
      return;
    }
    for (auto& s : targets) {
      if (s.relation != contract_.relation)
        ddl::fail_at(script_, s.target_location >= 0 ? s.target_location : s.location,
                     plan::errors::change_not_staged(s.tag.empty() ? s.text : s.tag,
                                                     fmt::format("The statement is not about table \"{}\".", contract_.display()),
                                                     "A migration carries the changes of the contract's own table."));
      if (IsA(tree, IndexStmt) && s.relation == contract_.relation) {
        read_index(tree, s);
        continue;
      }
      if (IsA(tree, DropStmt) && s.understood && s.changes.empty()) {
        read_dropped(tree, s);
        continue;
      }
      if (!s.understood) {
        ddl::require_types(tree);
        ddl::fail_at(script_, s.location,
                     plan::errors::change_not_staged(s.text, "What the statement does to clients cannot be told from its text.",
                                                     "Leave it out; accord.check tells whether it is compatible by itself."));
      }
      world_.follow(s.changes);
      for (auto& change : s.changes) {
        indexes.follow(change);
        changes.push_back(std::move(change));
      }
    }
  }
  std::vector<change::any_change> changes;
  index_statements indexes;
  std::vector<std::string> dropped_indexes;
  std::vector<plan::object_comment> comments;

 private:
  void read_index(Node* tree, const ddl::statement& s) {
    auto* index = reinterpret_cast<IndexStmt*>(tree);
    if (!index->idxname)
      ddl::fail_at(script_, s.location,
                   plan::errors::change_not_staged(s.tag, "The index has no name.", "Name it, since both versions must be told apart."));
    indexes.add(index);
  }
  void read_dropped(Node* tree, const ddl::statement&) {
    auto* drop = reinterpret_cast<DropStmt*>(tree);
    for (int i = 0; i < list_length(drop->objects); i++) {
      const char* name = strVal(llast(static_cast<List*>(list_nth(drop->objects, i))));
      if (std::find(dropped_indexes.begin(), dropped_indexes.end(), name) == dropped_indexes.end()) dropped_indexes.emplace_back(name);
    }
  }

  const registry::contract& contract_;
  version_world& world_;
  const std::string& script_;
};

// Versions ----------------------------------------------------------------------------------------

std::string free_schema(const core::qualified_name& table, int major, const std::vector<std::string>& taken) {
  std::vector<std::string> candidates = {fmt::format("{}_v{}", table.name, major),
                                         fmt::format("{}_{}_v{}", table.schema, table.name, major)};
  for (int i = 2; i < 100; i++)
    candidates.push_back(fmt::format("{}_{}_v{}_{}", table.schema, table.name, major, i));
  for (const auto& candidate : candidates) {
    auto name = core::fitted_name("", candidate);
    if (core::contains(taken, name)) continue;
    if (catalog::query("SELECT FROM pg_namespace WHERE nspname = $1::name", {name}).empty()) return name;
  }
  throw failure(core::sqlstate::duplicate_object, fmt::format("schema \"{}\" already exists", candidates.front()), {},
                "Drop it or rename it: it would hold the view of the new version.");
}

core::semantic_version target_version(const registry::contract& contract, const std::optional<std::string>& asked) {
  int newest = 0;
  for (const auto& v : registry::versions(contract.id))
    newest = std::max(newest, v.version.major);
  if (!asked) return {newest + 1, 0, 0};
  auto to = core::parse_version(*asked);
  if (to.major <= newest)
    throw failure(core::sqlstate::version_refused, fmt::format("version {} is not a new major version", to.text()),
                  fmt::format("A staged migration leads to a major version of its own.  The newest one of contract \"{}\" is {}.",
                              contract.display(), newest));
  return to;
}

// The newest version, as the table or a live migration has it.
plan::live_version start_version(const registry::contract& contract, const std::vector<plan::live_version>& live, bool open, bool& has_view,
                                 const std::vector<std::string>& taken) {
  auto all = registry::versions(contract.id);
  auto head = std::find_if(all.begin(), all.end(), [](const auto& v) { return v.status != "retired" && v.status != "draft"; });
  if (head == all.end())
    throw failure(core::sqlstate::object_not_in_prerequisite_state,
                  fmt::format("contract \"{}\" has no published version", contract.display()), {},
                  "Publish one with accord.publish_version.");
  auto found = std::find_if(live.begin(), live.end(), [&](const auto& v) { return v.version.major == head->version.major; });
  has_view = found != live.end();
  // A migration that is not completed: its version differs from the table.
  if (has_view && open) return *found;
  plan::live_version v;
  v.version = head->version;
  v.shape = registry::capture_shape(contract.relation);
  // In the order of the view that is there; what compatible changes have added since comes last.
  if (has_view) {
    auto place = [&](const core::column& column) {
      auto at = std::find_if(found->columns.begin(), found->columns.end(), [&](const auto& c) { return c.name == column.name; });
      return at - found->columns.begin();
    };
    std::stable_sort(v.shape.columns.begin(), v.shape.columns.end(), [&](const auto& a, const auto& b) { return place(a) < place(b); });
  }
  for (const auto& column : v.shape.columns)
    v.columns.push_back({column.name, column.name, std::nullopt});
  v.view = has_view ? found->view : core::qualified_name{free_schema(contract.name, head->version.major, taken), contract.name.name};
  return v;
}

// A refusal names the table that it is about.
void define_objects_of(plan::migration& child, const registry::contract& about) {
  try {
    define_twins(about, child, {});
    define_retargeted(about, child);
  } catch (failure& f) {
    f.detail = fmt::format("This is about table \"{}\", which inherits the columns.  {}", about.name.name, f.detail);
    throw;
  }
}

bool is_preloaded() {
  return catalog::query(
             "SELECT (current_setting('shared_preload_libraries') || ',' || current_setting('session_preload_libraries')) ~ "
             "'\\mpg_accord\\M'")
      .front()
      .boolean(0);
}

// Indexes are built for the owner, who must be allowed to have more of them there.
void require_schema_for_indexes(const registry::contract& contract, const plan::migration& m) {
  if (std::none_of(m.companions.begin(), m.companions.end(), [](const auto& c) { return c.added && c.has_index(); })) return;
  auto rows = catalog::query(
      "SELECT n.nspname, has_schema_privilege(c.relowner, n.oid, 'CREATE') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
      " WHERE c.oid = $1::oid",
      {contract.relation});
  if (!rows.front().boolean(1))
    throw failure("42501", fmt::format("permission denied for schema {}", rows.front().text(0)),
                  fmt::format("The new version has an index or key of its own, and role \"{}\" owns the table.", m.owner));
}

}  // namespace

bool is_volatile_default(std::string_view expression) {
  memory_scope memory("accord default");
  std::string text(expression);
  const char* source = text.c_str();
  return pg([&] {
    ParseState* state = make_parsestate(nullptr);
    state->p_sourcetext = source;
    auto* select = castNode(SelectStmt, linitial_node(RawStmt, raw_parser(source, RAW_PARSE_PLPGSQL_EXPR))->stmt);
    Node* node = transformExpr(state, linitial_node(ResTarget, select->targetList)->val, EXPR_KIND_COLUMN_DEFAULT);
    return contain_volatile_functions(node);
  });
}

plan::plan prepare(const registry::contract& contract, const stage_arguments& arguments, std::int64_t id,
                   const std::vector<std::string>& schemas) {
  auto live = migrations_of(contract.id);
  plan::request r;
  r.id = id;
  r.contract = contract.id;
  r.owner = owner_of(contract.relation);
  r.table = contract.name;
  r.to = target_version(contract, arguments.to_version);
  r.versions = live_versions(contract);
  bool open = std::any_of(live.begin(), live.end(), [](const auto& m) { return m.state != "completed"; });
  auto start = start_version(contract, r.versions, open, r.old_view_exists, schemas);
  for (const auto& v : r.versions)
    if (v.version.major == start.version.major) r.old_view_lacks_columns = v.columns.size() < start.columns.size();
  std::erase_if(r.versions, [&](const auto& v) { return v.version.major == start.version.major; });
  r.versions.push_back(start);

  version_world world(contract, start.shape);
  change_reader reader(contract, world, arguments.ddl);
  ddl::read(arguments.ddl, world, reader);
  r.changes = std::move(reader.changes);
  r.added_indexes = reader.indexes.added();
  r.dropped_indexes = std::move(reader.dropped_indexes);
  r.comments = std::move(reader.comments);
  auto up = read_list(arguments.up, r.up);
  auto down = read_list(arguments.down, r.down);

  for (const auto& move : arguments.moves)
    r.moves.push_back({other_table_of(target_of(move), contract.relation), OidIsValid(move.going), OidIsValid(move.existing),
                       assignments_of(move.up), assignments_of(move.down)});

  r.defaults = physical_defaults(contract.relation);
  r.around = surroundings_of(contract, start.version.major);
  std::optional<record> of_start;
  for (const auto& m : live)
    if (m.state != "completed" && core::parse_version(m.to_version).major == start.version.major) of_start = m;
  r.children = child_tables(contract, start.version.major, of_start);
  for (const auto& m : live)
    if (m.state == "active") adopt_twins(r.around, load(contract, m));
  if (start.shape.kind == "partitioned table") read_partitions(contract.relation, r.around);
  r.inserts_are_known = arguments.null_means_default || is_preloaded();
  r.other_migrations = std::any_of(live.begin(), live.end(), [](const auto& m) { return m.keeps_in_step; });
  auto new_name = start.shape.relation;
  for (const auto& change : r.changes)
    if (const auto* renamed = std::get_if<change::relation_renamed>(&change)) new_name = renamed->to;
  r.new_schema = free_schema(new_name, r.to.major, schemas);
  r.privileges = table_privileges(contract.relation);
  r.schema_users = users_of_schema(contract.relation);
  r.columns_of = names_in;
  r.is_volatile = is_volatile_default;

  auto result = plan::make_plan(r);
  resolve(contract, result.made, up, down);
  require_schema_for_indexes(contract, result.made);
  define_twins(contract, result.made, reader.indexes.trees());
  define_retargeted(contract, result.made);
  for (auto& child : result.made.children)
    define_objects_of(child, about_child(contract, relation_of(child)));
  find_partition_parts(result.made);
  resolve_moves(contract, result.made, arguments.moves);
  result.expand = plan::expand_steps(result.made);
  return result;
}

}  // namespace accord::migration
