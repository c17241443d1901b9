// See table_scripts.hpp.
#include "server/migration/table_scripts.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <tuple>

#include "plan/errors.hpp"
#include "server/ddl/statement.hpp"
#include "server/migration/index_statements.hpp"
#include "server/migration/other_table.hpp"
#include "server/registry/catalog.hpp"
#include "server/registry/lifecycle.hpp"
#include "server/sync/expression.hpp"
#include "server/sync/names.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// A text by characters, so that blanks keep the place of what they stand for.
std::vector<std::string> characters_of(const std::string& text) {
  std::vector<std::string> characters;
  for (std::size_t i = 0; i < text.size();) {
    const char* at = text.c_str() + i;
    auto length = std::min(text.size() - i, static_cast<std::size_t>(pg([&] { return pg_encoding_mblen(GetDatabaseEncoding(), at); })));
    characters.push_back(text.substr(i, length));
    i += length;
  }
  return characters;
}

void blank(std::vector<std::string>& characters, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to && i < characters.size(); i++)
    if (characters[i] != "\n") characters[i] = " ";
}

std::string joined_text(const std::vector<std::string>& characters) {
  std::string text;
  for (const auto& character : characters)
    text += character;
  return text;
}

core::qualified_name newest_name(const registry::contract& contract) {
  auto versions = registry::versions(contract.id);
  auto newest = std::find_if(versions.begin(), versions.end(), [](const auto& v) { return v.status != "retired" && v.status != "draft"; });
  return newest == versions.end() ? contract.name : newest->shape.relation;
}

// Tables by the names that clients of their newest version know, followed through the renames of the script.  A bare name means the contract
// of the call before anything else, whatever the search_path.
class naming_world : public ddl::catalog_world {
 public:
  explicit naming_world(const registry::contract& named) {
    auto open = catalog::query(
        "SELECT DISTINCT r.contract_id FROM accord_catalog.migration_relation r JOIN accord_catalog.migration m ON m.id = r.migration_id"
        " WHERE m.state IN ('preparing', 'active')");
    names_[named.relation] = named.name;
    for (const auto& row : open) {
      auto contract = registry::get_contract_by_id(row.integer(0));
      auto name = newest_name(contract);
      if (contract.id == named.id)
        names_[named.relation] = name;
      else if (name != contract.name)
        others_[contract.relation] = name;
    }
  }
  Oid find(const RangeVar* written) override {
    if (Oid found = find_in(names_, written)) return found;
    Oid found = catalog_world::find(written);
    if (!OidIsValid(found)) return find_in(others_, written);
    auto of_view = registry::contract_of_view(found);
    return of_view ? of_view->relation : found;
  }
  core::qualified_name name_of(Oid relation) override {
    for (const auto* names : {&names_, &others_})
      if (auto found = names->find(relation); found != names->end()) return found->second;
    return catalog_world::name_of(relation);
  }
  void follow(Node* tree, Oid relation) {
    auto name = name_of(relation);
    if (IsA(tree, RenameStmt) && reinterpret_cast<RenameStmt*>(tree)->renameType == OBJECT_TABLE)
      name.name = reinterpret_cast<RenameStmt*>(tree)->newname;
    else if (IsA(tree, AlterObjectSchemaStmt) && reinterpret_cast<AlterObjectSchemaStmt*>(tree)->objectType == OBJECT_TABLE)
      name.schema = reinterpret_cast<AlterObjectSchemaStmt*>(tree)->newschema;
    else
      return;
    names_[relation] = name;
  }

 private:
  using names = std::map<Oid, core::qualified_name>;
  static Oid find_in(const names& known, const RangeVar* written) {
    for (const auto& [relation, name] : known)
      if (name.name == written->relname && (!written->schemaname || name.schema == written->schemaname)) return relation;
    return InvalidOid;
  }
  names names_, others_;
};

// Which statement is about which table.
class sorter : public ddl::reader {
 public:
  struct place {
    Oid relation;
    std::size_t from, to;  // characters
  };

  sorter(const registry::contract& named, naming_world& world, const std::string& script) : world_(world), script_(script) {
    contracts.emplace(named.relation, named);
    named_ = named.relation;
  }

  void each(Node* tree, std::vector<ddl::statement> targets) override {
    if (targets.empty()) return;
    if (auto described = described_by(tree)) point_to_table(*described, targets.front());
    if (IsA(tree, IndexStmt) && reinterpret_cast<IndexStmt*>(tree)->idxname)
      tables_of_indexes_[reinterpret_cast<IndexStmt*>(tree)->idxname] = {targets.front().relation, targets.front().target};
    if (IsA(tree, CreateStmt) || is_about_new_table(targets.front())) return create(tree, targets.front());
    if (IsA(tree, DropStmt) && reinterpret_cast<DropStmt*>(tree)->removeType == OBJECT_TABLE) return drop(targets);
    Oid relation = InvalidOid;
    for (const auto& s : targets) {
      // What is about no table is refused by who plans the contract that the call names.
      Oid found = OidIsValid(s.relation) ? s.relation : named_;
      if (OidIsValid(relation) && found != relation)
        ddl::fail_at(
            script_, s.location,
            plan::errors::change_not_staged(s.tag, "The statement is about several tables.", "Write one statement for each table."));
      relation = found;
    }
    require_contract(relation, targets.front());
    take_place(relation, targets.front());
    if (names[relation].empty()) names[relation] = {world_.catalog_world::name_of(relation), world_.name_of(relation)};
    world_.follow(tree, relation);
    names[relation].push_back(world_.name_of(relation));
  }

  std::map<Oid, registry::contract> contracts;
  std::map<Oid, std::vector<core::qualified_name>> names;  // that a table has had on the way
  std::vector<place> places;
  std::vector<core::qualified_name> going;       // tables of DROP TABLE, as written
  std::map<Oid, core::qualified_name> existing;  // tables that `up` gives values to, and that the script leaves as they are
  sorted_script result;

 private:
  // A comment on a constraint or an index is about its table.
  void point_to_table(const described_object& described, ddl::statement& s) {
    auto of = described.comment.of_index ? tables_of_indexes_.find(described.comment.name) : tables_of_indexes_.end();
    if (of != tables_of_indexes_.end()) {
      s.relation = of->second.first;
      s.target = of->second.second;
      return;
    }
    s.relation = world_.find(described.relation);
    if (described.comment.of_index && OidIsValid(s.relation)) s.relation = pg([&] { return IndexGetRelation(s.relation, true); });
    s.target = OidIsValid(s.relation)       ? world_.name_of(s.relation)
               : described.comment.of_index ? core::qualified_name{}
                                            : core::qualified_name{described.relation->schemaname ? described.relation->schemaname : "",
                                                                   described.relation->relname};
  }
  void take_place(Oid relation, const ddl::statement& s) {
    auto characters = [&](int bytes) {
      const char* text = script_.c_str();
      return static_cast<std::size_t>(pg([&] { return pg_mbstrlen_with_len(text, bytes); }));
    };
    places.push_back({relation, characters(s.location), characters(s.location + static_cast<int>(s.text.size()))});
  }
  bool is_new(const core::qualified_name& named) const {
    auto is_named = [&](const auto& name) {
      return name.name == named.name && (name.schema.empty() || named.schema.empty() || name.schema == named.schema);
    };
    return std::any_of(result.created.begin(), result.created.end(), is_named) ||
           std::any_of(new_partitions_.begin(), new_partitions_.end(), is_named);
  }
  bool is_about_new_table(const ddl::statement& s) const { return is_new(s.target); }
  static core::qualified_name written_name(const RangeVar* relation) {
    return {relation->schemaname ? relation->schemaname : "", relation->relname};
  }
  void create(Node* tree, const ddl::statement& s) {
    if (IsA(tree, CreateStmt)) {
      auto* made = reinterpret_cast<CreateStmt*>(tree);
      // A partition of a table that the script makes goes with it.
      const bool is_part = made->partbound && is_new(written_name(static_cast<RangeVar*>(linitial(made->inhRelations))));
      if (made->if_not_exists || (made->inhRelations && !is_part) || made->relation->relpersistence == RELPERSISTENCE_TEMP)
        ddl::fail_at(script_, s.location,
                     plan::errors::change_not_staged(s.tag, "The new table would go with a rollback of the migration.",
                                                     "Create an ordinary table, without IF NOT EXISTS; partitions and children of other "
                                                     "tables, and temporary tables, are made outside."));
      (is_part ? new_partitions_ : result.created).push_back(written_name(made->relation));
    }
    result.creating.push_back(s.text);
    take_place(InvalidOid, s);
  }
  void drop(const std::vector<ddl::statement>& targets) {
    for (const auto& s : targets) {
      if (s.cascade || s.missing_ok || !OidIsValid(s.relation))
        ddl::fail_at(script_, s.location,
                     plan::errors::change_not_staged(s.tag, "The table goes when the migration is purged.",
                                                     "Name a table that is there, without IF EXISTS and CASCADE."));
      result.dropping.push_back(s.relation);
      going.push_back(s.target);
    }
    take_place(InvalidOid, targets.front());
  }
  void require_contract(Oid relation, const ddl::statement& s) {
    if (contracts.contains(relation)) return;
    auto found = registry::find_contract(relation);
    if (!found) {
      auto name = world_.name_of(relation);
      ddl::fail_at(script_, s.target_location >= 0 ? s.target_location : s.location,
                   plan::errors::change_not_staged(
                       s.tag, fmt::format("Table \"{}\" has no contract.", name.display()),
                       fmt::format("Give it one: SELECT accord.register_contract({});", core::quote_literal(name.sql()))));
    }
    contracts.emplace(relation, *found);
  }

  naming_world& world_;
  const std::string& script_;
  Oid named_ = InvalidOid;
  std::vector<core::qualified_name> new_partitions_;                               // of tables that the script makes
  std::map<std::string, std::pair<Oid, core::qualified_name>> tables_of_indexes_;  // that the script makes
};

bool is_called(const std::vector<core::qualified_name>& names, const std::vector<std::string>& qualifier) {
  return std::any_of(names.begin(), names.end(), [&](const auto& name) {
    return name.name == qualifier.back() && (qualifier.size() == 1 || name.schema == qualifier[qualifier.size() - 2]);
  });
}

// Tables of `up` that are neither changed nor made by the script.
void find_existing(const std::optional<std::string>& up, sorter& tables) {
  if (!up) return;
  for (const auto& a : parse_assignments(*up, true)) {
    if (a.qualifier.empty()) continue;
    auto known = [&](const auto& table) { return is_called(table.second, a.qualifier); };
    if (is_called(tables.result.created, {a.qualifier.back()}) || is_called(tables.going, {a.qualifier.back()}) ||
        std::any_of(tables.names.begin(), tables.names.end(), known))
      continue;
    Oid relation = relation_called({a.qualifier.size() > 1 ? a.qualifier[a.qualifier.size() - 2] : "", a.qualifier.back()});
    if (!OidIsValid(relation)) continue;
    auto name = ddl::catalog_world().name_of(relation);
    if (auto contract = registry::find_contract(relation))
      registry::require_no_live_migration(contract->id, fmt::format("move columns to table {}", name.sql()));
    tables.existing[relation] = std::move(name);
  }
}

// The table, of those that come, are there or go, that an assignment is about: `up` gives values to one that comes or is there and takes them from
// one that goes, `down` the other way round.
std::optional<move_arguments> moved_table(const assignment& a, bool up, const sorter& tables) {
  auto given = a.qualifier.empty() ? std::vector<std::string>() : std::vector{a.qualifier.back()};
  auto read = qualifiers_in(a.expression.text);
  for (const auto& created : tables.result.created)
    if (core::contains(up ? given : read, created.name)) return move_arguments{.target = created};
  for (const auto& [relation, name] : tables.existing)
    if (core::contains(up ? given : read, name.name)) return move_arguments{.target = name, .existing = relation};
  for (std::size_t i = 0; i < tables.going.size(); i++)
    if (core::contains(up ? read : given, tables.going[i].name)) return move_arguments{tables.going[i], tables.result.dropping[i]};
  return std::nullopt;
}

Oid table_of_assignment(const assignment& a, const char* list, const std::string& text, Oid named, const sorter& tables) {
  if (a.qualifier.empty()) return named;
  std::vector<std::string> choices;
  for (const auto& [relation, names] : tables.names) {
    if (is_called(names, a.qualifier)) return relation;
    choices.push_back(plan::errors::quoted(names.front().display()));
  }
  const char* source = text.c_str();
  auto message = fmt::format("\"{}\" names table \"{}\", which the migration does not change", list, a.qualifier.back());
  auto detail = fmt::format("It changes {}.", plan::errors::listed(choices));
  const char *primary = message.c_str(), *more = detail.c_str();
  int position = a.position;
  pg([&] {
    ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg_internal("%s", primary), errdetail_internal("%s", more),
                    internalerrposition(position), internalerrquery(source)));
  });
  return InvalidOid;  // not reached
}

// Values of several tables are kept in step only where columns move.
void require_own_columns(const assignment& a, Oid relation, Oid named, const sorter& tables) {
  const auto& own = tables.names.at(relation);
  for (const auto& qualifier : qualifiers_in(a.expression.text)) {
    if (is_called(own, {qualifier}) || !OidIsValid(relation_called({"", qualifier}))) continue;
    auto there = own.front().sql(), here = core::quote_identifier(qualifier);
    throw plan::errors::change_not_staged(
        fmt::format("column \"{}\" computed from table \"{}\"", a.column, qualifier),
        "Columns move to a table that the DDL creates or that it leaves as it is, or come from one that it drops.",
        relation == named ? fmt::format("Drop table {} in the DDL, or compute the column from those of table {} alone.", here, there)
                          : fmt::format("Add the column to table {} first, by itself; then stage what table {} loses.", there, here));
  }
}

// The assignments to columns of one table, without their qualifiers.
std::optional<std::string> list_for(Oid relation, const std::optional<std::string>& list, const char* name, Oid named,
                                    const sorter& tables) {
  if (!list) return std::nullopt;
  bool up = std::string_view(name) == "up";
  auto text = characters_of(*list);
  std::vector<std::string> kept(text.size(), " ");
  for (std::size_t i = 0; i < text.size(); i++)
    if (text[i] == "\n") kept[i] = "\n";
  bool any = false;
  std::size_t last_end = 0;
  for (const auto& a : parse_assignments(*list, true)) {
    if (moved_table(a, up, tables) || table_of_assignment(a, name, *list, named, tables) != relation) continue;
    require_own_columns(a, relation, named, tables);
    auto begin = static_cast<std::size_t>(a.name_offset);
    auto end = static_cast<std::size_t>(a.expression.offset) + characters_of(a.expression.text).size();
    std::copy(text.begin() + static_cast<std::ptrdiff_t>(begin), text.begin() + static_cast<std::ptrdiff_t>(end),
              kept.begin() + static_cast<std::ptrdiff_t>(begin));
    if (any) kept[last_end] = ",";
    any = true;
    last_end = end;
  }
  return any ? std::optional(joined_text(kept)) : std::nullopt;
}

// What is about tables that come or go.
std::vector<move_arguments> moves_in(const stage_arguments& whole, Oid named, const sorter& tables) {
  std::vector<move_arguments> moves;
  auto of = [&](const move_arguments& about) -> move_arguments& {
    auto found = std::find_if(moves.begin(), moves.end(), [&](const auto& m) { return m.target == about.target; });
    return found == moves.end() ? moves.emplace_back(about) : *found;
  };
  for (const auto& [list, name, up] : {std::tuple(&whole.up, "up", true), std::tuple(&whole.down, "down", false)}) {
    if (!*list) continue;
    for (auto& a : parse_assignments(**list, true)) {
      auto about = moved_table(a, up, tables);
      if (!about) continue;
      bool arrives = OidIsValid(about->going);
      if (up == arrives && table_of_assignment(a, name, **list, named, tables) != named)
        throw plan::errors::change_not_staged(
            fmt::format("columns of {}table \"{}\"", arrives || OidIsValid(about->existing) ? "" : "new ", about->target.name),
            fmt::format("\"{}\" gives column \"{}\" of another table than the one that the call names.", name, a.column),
            fmt::format("Name as the contract the table {} which columns move.", arrives ? "to" : "from"));
      auto& move = of(*about);
      (up ? move.up : move.down).push_back(std::move(a));
    }
  }
  return moves;
}

}  // namespace

sorted_script scripts_by_table(const registry::contract& named, const stage_arguments& whole) {
  naming_world world(named);
  sorter tables(named, world, whole.ddl);
  ddl::read_concerned(whole.ddl, world, tables);
  std::set<Oid> changed;
  for (const auto& place : tables.places)
    if (OidIsValid(place.relation)) changed.insert(place.relation);
  for (Oid relation : tables.result.dropping)
    if (changed.contains(relation) || relation == named.relation)
      throw plan::errors::change_not_staged("DROP TABLE", "The table is the one that the migration is about.",
                                            "Stage it with a change of another table, whose new version has no need of it.");
  if (!changed.empty() && !changed.contains(named.relation))
    throw plan::errors::change_not_staged("statements about other tables only",
                                          fmt::format("None of them is about table \"{}\".", named.display()),
                                          fmt::format("Give one of their tables as the contract, for example {}.",
                                                      core::quote_literal(tables.names.begin()->second.front().sql())));
  changed.insert(named.relation);
  tables.names.try_emplace(named.relation, std::vector{named.name});
  find_existing(whole.up, tables);

  auto& scripts = tables.result.by_table;
  auto ddl = characters_of(whole.ddl);
  for (Oid relation : changed) {
    table_script script{tables.contracts.at(relation), whole};
    auto own = ddl;
    for (const auto& place : tables.places)
      if (place.relation != relation) blank(own, place.from, place.to);
    script.arguments.ddl = joined_text(own);
    script.arguments.up = list_for(relation, whole.up, "up", named.relation, tables);
    script.arguments.down = list_for(relation, whole.down, "down", named.relation, tables);
    if (relation == named.relation)
      script.arguments.moves = moves_in(whole, named.relation, tables);
    else
      script.arguments.to_version.reset();
    scripts.push_back(std::move(script));
  }
  return std::move(tables.result);
}

}  // namespace accord::migration
