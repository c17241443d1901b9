// Building and keeping sync programs.  See program.hpp.
#include "server/sync/program.hpp"

#include <fmt/format.h>

#include "pg/scope.hpp"
#include "server/sync/build.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// The cache

struct cache_entry {
  Oid relation;  // key
  sync_program* program;
};

struct program_node {
  sync_program program;
  program_node* next;
};

constinit HTAB* cache = nullptr;
constinit program_node* programs = nullptr;  // also those that were replaced and are still in use
constinit uint64 functions_changed = 0;

void on_relation_changed(Datum, Oid relation) {
  for (program_node* node = programs; node; node = node->next)
    if (!OidIsValid(relation) || node->program.relation == relation || node->program.root == relation) node->program.dropped = true;
}

void on_function_changed(Datum, int, uint32) {
  functions_changed++;
}

// The plans live beside the program in CacheMemoryContext, and go with it however it ends.
void free_plans(void* arg) {
  auto* program = static_cast<sync_program*>(arg);
  for (int i = 0; i < program->plan_count; i++)
    if (program->plans[i]) FreeCachedExpression(program->plans[i]);
}

// Inside pg().
void sweep() {
  for (program_node** link = &programs; *link;) {
    program_node* node = *link;
    if (!node->program.dropped || node->program.references > 0) {
      link = &node->next;
      continue;
    }
    *link = node->next;
    auto* entry = static_cast<cache_entry*>(hash_search(cache, &node->program.relation, HASH_FIND, nullptr));
    if (entry && entry->program == &node->program) hash_search(cache, &node->program.relation, HASH_REMOVE, nullptr);
    MemoryContextDelete(node->program.memory);
  }
}

// Building

// The memory of a program until the cache owns it.
class unfinished {
 public:
  unfinished() {
    memory_ = pg([] { return AllocSetContextCreateInternal(CurrentMemoryContext, "accord sync program", ALLOCSET_SMALL_SIZES); });
  }
  ~unfinished() {
    if (memory_) MemoryContextDelete(memory_);
  }
  unfinished(const unfinished&) = delete;
  unfinished& operator=(const unfinished&) = delete;
  MemoryContext memory() const { return memory_; }
  void release() { memory_ = nullptr; }

 private:
  MemoryContext memory_;
};

// The triggers of a table are in those below it.  A trigger function that is put on another one would compute what a stranger writes, in the
// name of the table's owner.
void require_own_table(Relation relation, Oid root) {
  bool own = pg([&] {
    return !OidIsValid(root) || RelationGetRelid(relation) == root || !SearchSysCacheExists1(RELOID, ObjectIdGetDatum(root)) ||
           typeInheritsFrom(relation->rd_rel->reltype, get_rel_type_id(root));
  });
  if (!own)
    throw failure(core::sqlstate::object_not_in_prerequisite_state,
                  fmt::format("table \"{}\" is not part of the migration whose trigger it has", RelationGetRelationName(relation)), {},
                  "Drop the trigger.");
}

program_node* build(Relation relation, std::int64_t contract) {
  sync_text text = read_sync_text(contract);
  require_own_table(relation, text.relation);
  unfinished unfinished;
  auto* node = pg([&] {
    auto* n = static_cast<program_node*>(MemoryContextAllocZero(unfinished.memory(), sizeof(program_node)));
    auto* callback = static_cast<MemoryContextCallback*>(MemoryContextAllocZero(unfinished.memory(), sizeof(MemoryContextCallback)));
    callback->func = free_plans;
    callback->arg = &n->program;
    n->program.memory = unfinished.memory();
    n->program.relation = RelationGetRelid(relation);
    n->program.contract = contract;
    n->program.root = n->program.relation;
    n->program.owner = relation->rd_rel->relowner;
    HeapTuple root = OidIsValid(text.relation) ? SearchSysCache1(RELOID, ObjectIdGetDatum(text.relation)) : nullptr;
    if (HeapTupleIsValid(root)) {
      n->program.root = text.relation;
      n->program.owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(root))->relowner;
      ReleaseSysCache(root);
    }
    MemoryContextRegisterResetCallback(unfinished.memory(), callback);
    return n;
  });
  compile_program(relation, text, node->program);
  MemoryContextSetParent(node->program.memory, CacheMemoryContext);
  unfinished.release();
  node->next = programs;
  programs = node;
  return node;
}

}  // namespace

bool is_valid(const sync_program& program) {
  if (program.dropped) return false;
  for (int i = 0; i < program.plan_count; i++)
    if (!program.plans[i]->is_valid) return false;
  return true;
}

other_triggers other_triggers_of(Relation relation, bool update) {
  other_triggers found = {false, true};
  const TriggerDesc* triggers = relation->trigdesc;
  bool ours = false;
  for (int i = 0; triggers && i < triggers->numtriggers; i++) {
    const Trigger& trigger = triggers->triggers[i];
    if (!TRIGGER_TYPE_MATCHES(trigger.tgtype, TRIGGER_TYPE_ROW, TRIGGER_TYPE_BEFORE, update ? TRIGGER_TYPE_UPDATE : TRIGGER_TYPE_INSERT))
      continue;
    if (trigger.tgenabled == TRIGGER_DISABLED) continue;
    if (strcmp(trigger.tgname, first_trigger) == 0) {
      ours = true;
    } else if (strcmp(trigger.tgname, last_trigger) != 0) {
      found.any = true;
      found.after_ours &= ours;
    }
  }
  return found;
}

sync_program* find_program(Relation relation, std::int64_t contract) {
  Oid key = RelationGetRelid(relation);
  auto* known = pg([&] {
    if (!cache) {
      HASHCTL control = {};
      control.keysize = sizeof(Oid);
      control.entrysize = sizeof(cache_entry);
      control.hcxt = CacheMemoryContext;
      cache = hash_create("accord sync programs", 16, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
    }
    auto* entry = static_cast<cache_entry*>(hash_search(cache, &key, HASH_FIND, nullptr));
    return entry ? entry->program : nullptr;
  });
  if (known && known->contract == contract && is_valid(*known)) return known;
  if (known) known->dropped = true;
  pg([] { sweep(); });
  program_node* node = build(relation, contract);
  pg([&] {
    auto* entry = static_cast<cache_entry*>(hash_search(cache, &key, HASH_ENTER, nullptr));
    entry->program = &node->program;
  });
  return &node->program;
}

sync_workspace* make_workspace(const sync_program& program) {
  auto* w = static_cast<sync_workspace*>(palloc0(sizeof(sync_workspace)));
  auto natts = static_cast<Size>(program.descriptor->natts);
  w->states = static_cast<ExprState**>(palloc0(sizeof(ExprState*) * (program.plan_count + 1)));
  w->context = CreateStandaloneExprContext();
  w->slot = MakeSingleTupleTableSlot(program.descriptor, &TTSOpsVirtual);
  w->before = static_cast<Datum*>(palloc0(sizeof(Datum) * (natts + 1)));
  w->before_null = static_cast<bool*>(palloc0(natts + 1));
  w->changed = static_cast<bool*>(palloc0(natts + 1));
  w->values = static_cast<Datum*>(palloc0(sizeof(Datum) * (natts + 1)));
  w->nulls = static_cast<bool*>(palloc0(natts + 1));
  w->done = static_cast<bool*>(palloc0(static_cast<Size>(program.transform_count) + 1));
  w->pending = static_cast<bool*>(palloc0(static_cast<Size>(program.migration_count) + 1));
  w->context->ecxt_scantuple = w->slot;
  ExecStoreAllNullTuple(w->slot);
  return w;
}

sync_workspace* session_workspace(sync_program& program) {
  if (program.workspace && program.functions_seen == functions_changed) return program.workspace;
  if (program.workspace) MemoryContextDelete(GetMemoryChunkContext(program.workspace));
  program.workspace = nullptr;
  MemoryContext memory = AllocSetContextCreateInternal(program.memory, "accord sync workspace", ALLOCSET_SMALL_SIZES);
  MemoryContext outer = MemoryContextSwitchTo(memory);
  program.functions_seen = functions_changed;
  program.workspace = make_workspace(program);
  MemoryContextSwitchTo(outer);
  return program.workspace;
}

void sync_program_init() {
  CacheRegisterRelcacheCallback(on_relation_changed, Datum(0));
  CacheRegisterSyscacheCallback(PROCOID, on_function_changed, Datum(0));
}

}  // namespace accord::migration
