// hazards.  See hazards.hpp.
#include "server/check/hazards.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "pg/spi.hpp"
#include "server/check/safe_sql.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

using list = std::vector<hazard>;

bool is_table(char kind) {
  return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE || kind == RELKIND_MATVIEW || kind == RELKIND_VIEW ||
         kind == RELKIND_FOREIGN_TABLE;
}

void say(list& to, const char* id, const char* severity, std::string element, std::string safe = {}) {
  to.push_back({id, severity, std::move(element), std::move(safe)});
}

std::string first_named(const hazard_input& in) {
  return in.named.empty() ? std::string() : in.clones->at(in.named.front()).name.sql();
}

void index_hazards(const hazard_input& in, list& to) {
  if (in.what->scanned.empty()) return;
  auto* index = reinterpret_cast<IndexStmt*>(in.tree);
  say(to, "IX01", "warning", "writers of " + list_of(in, in.what->scanned) + " wait until the index is built",
      safe_sql::index_concurrently(in, index));
}

// One of the named tables has a foreign key to it.
bool refers_to(const hazard_input& in, Oid clone) {
  Oid to = in.clones->at(clone).original;
  return std::any_of(in.named.begin(), in.named.end(), [&](Oid named) {
    return !spi::query("SELECT FROM pg_catalog.pg_constraint WHERE contype = 'f' AND conrelid = $1::oid AND confrelid = $2::oid",
                       {in.clones->at(named).original, to})
                .empty();
  });
}

void drop_hazards(const hazard_input& in, list& to) {
  auto* drop = reinterpret_cast<DropStmt*>(in.tree);
  bool cascade = drop->behavior == DROP_CASCADE;
  auto others = unnamed_tables(in, ShareUpdateExclusiveLock);
  std::vector<Oid> tables;
  switch (drop->removeType) {
    case OBJECT_INDEX:
      for (const auto& l : in.what->locks)
        if (is_table(in.clones->at(l.clone).kind)) tables.push_back(l.clone);
      if (!tables.empty())
        say(to, "IX02", "warning", "readers and writers of " + list_of(in, tables) + " wait", safe_sql::drop_index_concurrently(in, drop));
      break;
    case OBJECT_TABLE:
    case OBJECT_FOREIGN_TABLE:
    case OBJECT_MATVIEW:
    case OBJECT_VIEW: {
      if (drop->removeType == OBJECT_TABLE) say(to, "DX01", "advice", "the rows of " + list_of(in, in.named) + " are gone");
      std::vector<Oid> parents, referenced, dependent;
      for (Oid clone : others) {
        if (!in.clones->relations().contains(clone)) continue;  // dropped with it
        bool above = std::any_of(in.named.begin(), in.named.end(), [&](Oid named) { return in_one_tree(in, named, clone); });
        (above ? parents : referenced).push_back(clone);
      }
      for (Oid clone : others)
        if (!in.clones->relations().contains(clone)) dependent.push_back(clone);
      // Views depend on what is dropped, and so go: told before from children, which are part of it.
      std::erase_if(dependent, [&](Oid clone) {
        char kind = in.clones->at(clone).kind;
        return kind != RELKIND_VIEW && kind != RELKIND_MATVIEW;
      });
      if (!parents.empty()) say(to, "PT03", "warning", "it also locks " + list_of(in, parents), safe_sql::detach_first(in, drop));
      std::vector<Oid> own;
      for (Oid clone : referenced)
        (refers_to(in, clone) ? own : dependent).push_back(clone);
      if (!own.empty()) say(to, "HL02", "warning", "it also locks " + list_of(in, own), safe_sql::drop_keys_first(in, own));
      if (cascade && !dependent.empty()) say(to, "HL05", "warning", "CASCADE reaches " + list_of(in, dependent));
      break;
    }
    case OBJECT_SCHEMA:
      say(to, "DX03", "advice", "everything in the schema is gone");
      break;
    case OBJECT_SEQUENCE:
      say(to, "DX08", "advice", "the sequence's value is lost");
      break;
    case OBJECT_TYPE:
    case OBJECT_DOMAIN:
      if (cascade && !others.empty()) say(to, "HL07", "warning", "the columns of that type are dropped from " + list_of(in, others));
      break;
    case OBJECT_FUNCTION:
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE:
      if (cascade && !others.empty()) say(to, "BC14", "warning", "what uses the function is dropped from " + list_of(in, others));
      break;
    default:
      break;
  }
}

bool has_foreign_key(CreateStmt* create) {
  auto any = [](List* constraints) {
    for (int i = 0; i < list_length(constraints); i++)
      if (static_cast<Constraint*>(list_nth(constraints, i))->contype == CONSTR_FOREIGN) return true;
    return false;
  };
  if (any(create->constraints)) return true;
  for (int i = 0; i < list_length(create->tableElts); i++) {
    auto* element = static_cast<Node*>(list_nth(create->tableElts, i));
    if (IsA(element, Constraint) && reinterpret_cast<Constraint*>(element)->contype == CONSTR_FOREIGN) return true;
    if (IsA(element, ColumnDef) && any(reinterpret_cast<ColumnDef*>(element)->constraints)) return true;
  }
  return false;
}

void create_table_hazards(const hazard_input& in, list& to) {
  std::vector<Oid> parents, referenced;
  for (const auto& l : in.what->locks) {
    if (!is_table(in.clones->at(l.clone).kind)) continue;
    if (l.mode == AccessExclusiveLock) parents.push_back(l.clone);
    if (l.mode == ShareRowExclusiveLock) referenced.push_back(l.clone);
  }
  auto* create = reinterpret_cast<CreateStmt*>(in.tree);
  if (!has_foreign_key(create)) referenced.clear();
  std::erase_if(referenced, [](Oid clone) { return pg([&] { return get_rel_relispartition(clone); }); });
  if (create->partbound && !parents.empty()) say(to, "PT02", "warning", "readers and writers of " + list_of(in, parents) + " wait", {});
  if (create->partbound && !in.what->scanned.empty())
    say(to, "SC11", "warning", list_of(in, in.what->scanned) + " is read to the end for rows of the new partition");
  if (!referenced.empty()) say(to, "HL03", "warning", "writers of " + list_of(in, referenced) + " wait");
  if (referenced.size() > 1)
    say(to, "HL04", "advice", "foreign keys to several tables in one statement: deadlocks with those who lock them in another order");
}

void rename_hazards(const hazard_input& in, list& to) {
  auto* rename = reinterpret_cast<RenameStmt*>(in.tree);
  switch (rename->renameType) {
    case OBJECT_TABLE:
    case OBJECT_FOREIGN_TABLE:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
      say(to, "BC01", "advice", fmt::format("old code asks for \"{}\"", rename->relation ? rename->relation->relname : ""),
          safe_sql::view_with_old_name(in, rename));
      break;
    case OBJECT_COLUMN:
      say(to, "BC02", "advice", fmt::format("old code asks for column \"{}\"", rename->subname));
      if (auto children = unnamed_tables(in, AccessExclusiveLock); !children.empty())
        say(to, "PT04", "warning", "it also locks " + list_of(in, children));
      break;
    default:
      break;
  }
}

}  // namespace

bool names(const hazard_input& in, Oid clone) {
  return std::find(in.named.begin(), in.named.end(), clone) != in.named.end();
}

std::vector<Oid> unnamed_tables(const hazard_input& in, LOCKMODE at_least) {
  std::vector<Oid> found;
  for (const auto& l : in.what->locks)
    if (l.mode >= at_least && is_table(in.clones->at(l.clone).kind) && !names(in, l.clone)) found.push_back(l.clone);
  return found;
}

std::string list_of(const hazard_input& in, const std::vector<Oid>& clones) {
  std::vector<std::string> names;
  for (Oid clone : clones)
    names.push_back(in.clones->at(clone).name.sql());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < 5; i++)
    text += (i ? ", " : "") + names[i];
  if (names.size() > 5) text += fmt::format(" and {} more", names.size() - 5);
  return text;
}

bool in_one_tree(const hazard_input& in, Oid clone, Oid other) {
  return !spi::query(
              "WITH RECURSIVE tree(oid) AS (SELECT $1::oid UNION SELECT CASE WHEN h.inhrelid = tree.oid THEN h.inhparent ELSE h.inhrelid "
              "END"
              "  FROM tree JOIN pg_catalog.pg_inherits h ON tree.oid IN (h.inhrelid, h.inhparent)) SELECT FROM tree WHERE oid = $2::oid",
              {in.clones->at(clone).original, in.clones->at(other).original})
              .empty();
}

std::vector<hazard> hazards_of(const hazard_input& in) {
  list found;
  const effects& e = *in.what;
  if (IsA(in.written, RenameStmt) && reinterpret_cast<RenameStmt*>(in.written)->renameType == OBJECT_SCHEMA)
    say(found, "BC03", "advice", "old code names the old schema");
  switch (nodeTag(in.tree)) {
    case T_AlterTableStmt:
      return alter_hazards_of(in);
    case T_IndexStmt:
      index_hazards(in, found);
      break;
    case T_DropStmt:
      drop_hazards(in, found);
      break;
    case T_CreateStmt:
      create_table_hazards(in, found);
      break;
    case T_RenameStmt:
      rename_hazards(in, found);
      break;
    case T_ReindexStmt:
      say(found, "IX06", "warning", "even planning a query on the table waits until the indexes are built",
          safe_sql::reindex_concurrently(in));
      break;
    case T_ClusterStmt:
      if (!e.rewritten.empty()) say(found, "RW14", "warning", list_of(in, e.rewritten) + " is copied while nobody can read it");
      break;
    case T_LockStmt:
      break;
    case T_RefreshMatViewStmt:
      say(found, "RW16", "warning", "nobody can read " + first_named(in) + " while its query runs", safe_sql::refresh_concurrently(in));
      break;
    case T_TruncateStmt: {
      say(found, "DX06", "advice", "the rows are gone");
      std::vector<Oid> others;
      for (Oid clone : unnamed_tables(in, AccessExclusiveLock))
        if (!safe_sql::is_partitioned_family(in, clone)) others.push_back(clone);
      if (reinterpret_cast<TruncateStmt*>(in.tree)->behavior == DROP_CASCADE && !others.empty())
        say(found, "HL06", "warning", "CASCADE also empties " + list_of(in, others));
      break;
    }
    case T_AlterDomainStmt:
      if (!e.scanned.empty())
        say(found, "SC12", "warning", "writers of " + list_of(in, e.scanned) + " wait while every row is checked",
            safe_sql::domain_not_valid(in));
      break;
    case T_AlterObjectSchemaStmt:
      say(found, "BC04", "advice", "old code looks for it in the other schema");
      break;
    case T_AlterEnumStmt:
      if (reinterpret_cast<AlterEnumStmt*>(in.tree)->oldVal) say(found, "BC05", "advice", "old code writes and compares the old label");
      break;
    default:
      break;
  }
  return found;
}

}  // namespace accord::check
