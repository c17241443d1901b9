// concurrent.  See concurrent.hpp.
#include "server/check/concurrent.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "pg/spi.hpp"

#include "pg/pg.h"

namespace accord::check {

namespace {

bool has_option(List* options, const char* name) {
  for (int i = 0; i < list_length(options); i++) {
    auto* option = static_cast<DefElem*>(list_nth(options, i));
    if (strcmp(option->defname, name) == 0) return pg([&] { return defGetBoolean(option); });
  }
  return false;
}

PartitionCmd* detached_concurrently(Node* tree) {
  if (!IsA(tree, AlterTableStmt)) return nullptr;
  List* commands = reinterpret_cast<AlterTableStmt*>(tree)->cmds;
  auto* command = static_cast<AlterTableCmd*>(linitial(commands));
  if (command->subtype != AT_DetachPartition) return nullptr;
  auto* part = reinterpret_cast<PartitionCmd*>(command->def);
  return part->concurrent ? part : nullptr;
}

List* published_tables(Node* tree) {
  List* objects = IsA(tree, AlterPublicationStmt) ? reinterpret_cast<AlterPublicationStmt*>(tree)->pubobjects
                                                  : reinterpret_cast<CreatePublicationStmt*>(tree)->pubobjects;
  List* tables = NIL;
  for (int i = 0; i < list_length(objects); i++)
    if (auto* object = static_cast<PublicationObjSpec*>(list_nth(objects, i)); object->pubtable)
      tables = pg([&] { return lappend(tables, object->pubtable->relation); });
  return tables;
}

bool has_default_partition(Oid parent) {
  return !spi::query("SELECT FROM pg_partitioned_table WHERE partrelid = $1::oid AND partdefid <> 0", {parent}).empty();
}

bool has_full_unique_index(Oid view) {
  return !spi::query(
              "SELECT FROM pg_index WHERE indrelid = $1::oid AND indisunique AND indpred IS NULL AND indexprs IS NULL AND indisvalid",
              {view})
              .empty();
}

char kind_of_relation(Oid relation) {
  return OidIsValid(relation) ? pg([&] { return get_rel_relkind(relation); }) : '\0';
}

}  // namespace

concurrent_form::concurrent_form(Node* tree, clone_world& world) {
  switch (nodeTag(tree)) {
    case T_IndexStmt: {
      auto* index = reinterpret_cast<IndexStmt*>(tree);
      if (!index->concurrent) break;
      kind_ = kind::create_index;
      if (kind_of_relation(world.find(index->relation)) == RELKIND_PARTITIONED_TABLE)
        refusal_ = fmt::format("cannot create index on partitioned table \"{}\" concurrently", index->relation->relname);
      break;
    }
    case T_DropStmt: {
      auto* drop = reinterpret_cast<DropStmt*>(tree);
      if (!drop->concurrent || drop->removeType != OBJECT_INDEX) break;
      kind_ = kind::drop_index;
      if (list_length(drop->objects) > 1) refusal_ = "DROP INDEX CONCURRENTLY does not support dropping multiple objects";
      if (drop->behavior == DROP_CASCADE) refusal_ = "DROP INDEX CONCURRENTLY does not support CASCADE";
      RangeVar* name = pg([&] { return makeRangeVarFromNameList(static_cast<List*>(linitial(drop->objects))); });
      if (kind_of_relation(world.find(name)) == RELKIND_PARTITIONED_INDEX)
        refusal_ = fmt::format("cannot drop partitioned index \"{}\" concurrently", name->relname);
      break;
    }
    case T_ReindexStmt:
      if (has_option(reinterpret_cast<ReindexStmt*>(tree)->params, "concurrently")) kind_ = kind::reindex;
      break;
    case T_AlterTableStmt:
      if (detached_concurrently(tree)) {
        kind_ = kind::detach;
        if (has_default_partition(world.find(reinterpret_cast<AlterTableStmt*>(tree)->relation)))
          refusal_ = "cannot detach partitions concurrently when a default partition exists";
      }
      break;
    case T_RefreshMatViewStmt: {
      auto* refresh = reinterpret_cast<RefreshMatViewStmt*>(tree);
      if (!refresh->concurrent) break;
      kind_ = kind::refresh;
      if (refresh->skipData)
        refusal_ = "REFRESH options CONCURRENTLY and WITH NO DATA cannot be used together";
      else if (Oid view = world.find(refresh->relation); OidIsValid(view) && !has_full_unique_index(view))
        refusal_ =
            fmt::format("cannot refresh materialized view \"{}\" concurrently: it has no unique index without a condition on its columns",
                        refresh->relation->relname);
      break;
    }
    case T_VacuumStmt: {
      auto* vacuum = reinterpret_cast<VacuumStmt*>(tree);
      if (vacuum->is_vacuumcmd) kind_ = has_option(vacuum->options, "full") ? kind::vacuum_full : kind::vacuum;
      break;
    }
    case T_AlterPublicationStmt:
    case T_CreatePublicationStmt:
      if (published_tables(tree) != NIL) kind_ = kind::publish;
      break;
    default:
      break;
  }
}

std::optional<std::string> concurrent_form::refused(bool in_block) const {
  if (applies() && in_block && kind_ != kind::refresh && kind_ != kind::publish)
    return is_vacuum() ? "VACUUM cannot run inside a transaction block" : "CONCURRENTLY cannot run inside a transaction block";
  return refusal_;
}

void concurrent_form::make_plain(Node*& tree) const {
  pg([&] {
    switch (kind_) {
      case kind::none:
        break;
      case kind::create_index:
        reinterpret_cast<IndexStmt*>(tree)->concurrent = false;
        break;
      case kind::drop_index:
        reinterpret_cast<DropStmt*>(tree)->concurrent = false;
        break;
      case kind::reindex:
        reinterpret_cast<ReindexStmt*>(tree)->params = NIL;
        break;
      case kind::detach:
        detached_concurrently(tree)->concurrent = false;
        break;
      case kind::refresh:
        reinterpret_cast<RefreshMatViewStmt*>(tree)->concurrent = false;
        break;
      case kind::vacuum:
      case kind::vacuum_full: {
        auto* lock = makeNode(LockStmt);
        List* tables = reinterpret_cast<VacuumStmt*>(tree)->rels;
        for (int i = 0; i < list_length(tables); i++)
          lock->relations = lappend(lock->relations, static_cast<VacuumRelation*>(list_nth(tables, i))->relation);
        lock->mode = kind_ == kind::vacuum ? ShareUpdateExclusiveLock : AccessExclusiveLock;
        tree = reinterpret_cast<Node*>(lock);
        break;
      }
      case kind::publish: {
        auto* lock = makeNode(LockStmt);
        lock->relations = published_tables(tree);
        // Of a partitioned table the partitions are not locked.
        for (int i = 0; i < list_length(lock->relations); i++) {
          auto* table = static_cast<RangeVar*>(list_nth(lock->relations, i));
          Oid relation = RangeVarGetRelid(table, NoLock, true);
          if (OidIsValid(relation) && get_rel_relkind(relation) == RELKIND_PARTITIONED_TABLE) table->inh = false;
        }
        lock->mode = ShareUpdateExclusiveLock;
        tree = reinterpret_cast<Node*>(lock);
        break;
      }
    }
  });
}

void concurrent_form::correct(effects& e, const std::vector<Oid>& named, const engine& clones) const {
  auto is_index = [&](Oid clone) { return clones.at(clone).kind == RELKIND_INDEX || clones.at(clone).kind == RELKIND_PARTITIONED_INDEX; };
  for (auto& l : e.locks) {
    switch (kind_) {
      case kind::none:
      case kind::vacuum:
      case kind::vacuum_full:
      case kind::publish:
        break;
      case kind::create_index:
        l.mode = ShareUpdateExclusiveLock;
        break;
      case kind::drop_index:
        if (!is_index(l.clone)) l.mode = ShareUpdateExclusiveLock;
        break;
      case kind::reindex:
        l.mode = ShareUpdateExclusiveLock;
        break;
      case kind::detach:
        if (std::find(named.begin(), named.end(), l.clone) != named.end()) l.mode = ShareUpdateExclusiveLock;
        break;
      case kind::refresh:
        l.mode = is_index(l.clone) ? RowExclusiveLock : ExclusiveLock;
        break;
    }
  }
  if (kind_ == kind::refresh) {
    e.rewritten.clear();
    e.rebuilt.clear();
  }
  if (kind_ == kind::vacuum_full)
    for (const auto& l : e.locks)
      if (char k = clones.at(l.clone).kind; k == RELKIND_RELATION || k == RELKIND_MATVIEW) {
        e.rewritten.push_back(l.clone);
        e.scanned.push_back(l.clone);
      }
  std::stable_sort(e.locks.begin(), e.locks.end(), [](const lock_taken& a, const lock_taken& b) { return a.mode > b.mode; });
}

}  // namespace accord::check
