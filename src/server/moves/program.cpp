// See program.hpp.
#include "server/moves/program.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "core/text.hpp"
#include "pg/scope.hpp"
#include "server/moves/store.hpp"
#include "server/sync/names.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

constinit move_program* move_programs = nullptr;
constinit bool watches_tables = false;

void on_table_changed(Datum, Oid relation) {
  for (auto* program = move_programs; program; program = program->next)
    if (!OidIsValid(relation) || concerns(*program, relation)) program->dropped = true;
}

void free_move_plans(void* arg) {
  auto* program = static_cast<move_program*>(arg);
  for (SPIPlanPtr plan : program->plans)
    if (plan) SPI_freeplan(plan);
  for (const auto& local : program->local_reads)
    if (local.plan) SPI_freeplan(local.plan);
}

// Inside pg().
void sweep_moves() {
  for (move_program** link = &move_programs; *link;) {
    move_program* program = *link;
    if (!program->dropped || program->references > 0) {
      link = &program->next;
      continue;
    }
    *link = program->next;
    MemoryContextDelete(program->memory);
  }
}

class move_builder {
 public:
  move_builder(move_program& program, const plan::move_place& place) : p_(program), place_(place) {}

  void prepare_local(SPIPlanPtr& kept, const core::qualified_name& partition) {
    auto keys = types(p_.source, p_.key);
    prepare(kept, plan::read_source_in(place_, partition), place_.what.link ? both(keys, types(p_.target, p_.values)) : keys,
            place_.what.partitioned);
  }

  void build() {
    const auto& m = place_.what;
    p_.link = m.link;
    p_.arrives = m.arrives;
    p_.existing = m.existing;
    p_.key = of_source(m.key);
    p_.reads = of_source(m.reads);
    p_.moved = of_source(m.source_columns);
    p_.target_key = of_target(m.target_key);
    p_.values = of_target(m.columns);
    p_.target_reads = of_target(m.target_reads);
    p_.value_reads =
        pg([&] { return static_cast<column_list*>(MemoryContextAllocZero(p_.memory, sizeof(column_list) * (m.push.size() + 1))); });
    for (std::size_t i = 0; i < m.push.size(); i++) {
      auto read = names_in(m.push[i]);
      std::erase_if(read, [&](const auto& name) { return !core::contains(m.reads, name); });
      p_.value_reads[i] = of_source(read);
    }
    read_layouts();
    auto about = fmt::format("keeping tables \"{}\" and \"{}\" in step", place_.source.display(), place_.target.display());
    const char* text = about.c_str();
    p_.about = pg([&] { return MemoryContextStrdup(p_.memory, text); });
    p_.marker = attribute(p_.source, place_.marker);
    auto sql = plan::statements_of(place_);
    auto keys = types(p_.source, p_.key), values = types(p_.target, p_.values), moved = types(p_.source, p_.moved);
    prepare(move_statement::read_source, sql.read_source, m.link ? both(keys, values) : keys);
    prepare(move_statement::insert, sql.insert, both(keys, values));
    prepare(move_statement::update, sql.update, both(both(keys, values), m.link ? values : type_list{BOOLARRAYOID}));
    prepare(move_statement::remove, sql.remove, keys);
    prepare(move_statement::remove_one, sql.remove_one, both(keys, values));
    prepare(move_statement::lock_target, sql.lock_target, keys);
    prepare(move_statement::find_target, sql.find_target, keys);
    prepare(move_statement::erase, sql.erase, keys);
    prepare(move_statement::rename, sql.rename, both(keys, keys));
    prepare(move_statement::read_target, sql.read_target, m.link ? both(keys, values) : keys);
    prepare(move_statement::read_first, sql.read_first, keys);
    prepare(move_statement::lock_source, sql.lock_source, keys);
    prepare(move_statement::source_exists, sql.source_exists, keys);
    prepare(move_statement::lock_source_for_insert, sql.lock_source_for_insert, m.link ? both(keys, values) : keys);
    prepare(move_statement::target_exists, sql.target_exists, m.link ? both(keys, values) : keys);
    prepare(move_statement::write_source, sql.write_source, both(keys, moved));
    prepare(move_statement::mark, sql.mark, keys);
    prepare(move_statement::unmark, sql.unmark, keys);
    prepare(move_statement::read_absent, sql.read_absent, {});
    prepare(move_statement::empty_source, sql.empty_source, moved);
    prepare(move_statement::empty_absent, sql.empty_absent, moved);
  }

 private:
  // Inside pg().
  TupleDesc columns_of(Oid relation) {
    Relation table = table_open(relation, AccessShareLock);
    MemoryContext outer = MemoryContextSwitchTo(p_.memory);
    TupleDesc columns = CreateTupleDescCopy(RelationGetDescr(table));
    MemoryContextSwitchTo(outer);
    table_close(table, NoLock);
    return columns;
  }
  void read_layouts() {
    pg([&] {
      p_.columns = columns_of(p_.source);
      p_.target_columns = columns_of(p_.target);
      List* partitions = NIL;
      if (place_.partitioned) partitions = find_all_inheritors(p_.source, NoLock, nullptr);
      if (place_.what.partitioned) partitions = list_concat(partitions, find_all_inheritors(p_.target, NoLock, nullptr));
      list_sort(partitions, list_oid_cmp);
      auto* kept = static_cast<Oid*>(MemoryContextAlloc(p_.memory, sizeof(Oid) * (static_cast<Size>(list_length(partitions)) + 1)));
      for (int i = 0; i < list_length(partitions); i++)
        kept[i] = list_nth_oid(partitions, i);
      p_.partitions = kept;
      p_.partition_count = list_length(partitions);
    });
  }
  AttrNumber attribute(Oid relation, const std::string& column) {
    const char* name = column.c_str();
    AttrNumber number = pg([&] { return get_attnum(relation, name); });
    if (number <= 0)
      throw failure(core::sqlstate::object_not_in_prerequisite_state,
                    fmt::format("column \"{}\" does not exist, but a live migration needs it", column));
    return number;
  }
  column_list listed(Oid relation, const std::vector<std::string>& columns) {
    column_list list{nullptr, static_cast<int>(columns.size())};
    list.columns = pg([&] {
      return static_cast<AttrNumber*>(MemoryContextAllocZero(p_.memory, sizeof(AttrNumber) * (static_cast<Size>(list.count) + 1)));
    });
    for (std::size_t i = 0; i < columns.size(); i++)
      list.columns[i] = attribute(relation, columns[i]);
    return list;
  }
  column_list of_source(const std::vector<std::string>& names) {
    std::vector<std::string> physical;
    for (const auto& name : names)
      for (const auto& column : place_.version.columns)
        if (column.name == name) physical.push_back(column.physical);
    if (physical.size() != names.size())
      throw failure(core::sqlstate::internal_error, "the map of a version lacks a column that its migration moves");
    return listed(p_.source, physical);
  }
  column_list of_target(const std::vector<std::string>& names) { return listed(p_.target, names); }

  using type_list = std::vector<Oid>;
  static type_list types(Oid relation, const column_list& list) {
    type_list result;
    for (int i = 0; i < list.count; i++)
      result.push_back(pg([&] { return get_atttype(relation, list.columns[i]); }));
    return result;
  }
  static type_list both(type_list a, const type_list& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }
  static bool is_of_source_alone(move_statement which) {
    return which == move_statement::lock_source || which == move_statement::source_exists || which == move_statement::write_source ||
           which == move_statement::mark || which == move_statement::unmark || which == move_statement::empty_source;
  }
  static bool is_of_target_alone(move_statement which) {
    return (which >= move_statement::insert && which <= move_statement::rename) || which == move_statement::read_first ||
           which == move_statement::target_exists || which == move_statement::read_absent;
  }
  void prepare(move_statement which, const std::string& sql, const type_list& types) {
    // A plan for every key would lock all partitions each time; one for the key at hand locks that where its row is.
    bool each_time = (place_.partitioned && !is_of_target_alone(which)) || (place_.what.partitioned && !is_of_source_alone(which));
    prepare(p_.plans[static_cast<int>(which)], sql, types, each_time);
  }
  static void prepare(SPIPlanPtr& kept, const std::string& sql, const type_list& types, bool each_time) {
    const char* text = sql.c_str();
    auto* oids = const_cast<Oid*>(types.data());
    int count = static_cast<int>(types.size());
    pg([&] {
      SPI_connect();
      SPIPlanPtr plan = SPI_prepare_cursor(text, count, oids, each_time ? CURSOR_OPT_CUSTOM_PLAN : CURSOR_OPT_GENERIC_PLAN);
      if (!plan) elog(ERROR, "could not prepare a statement of a move: %s", SPI_result_code_string(SPI_result));
      SPI_keepplan(plan);
      kept = plan;
      if (CachedPlan* planned = each_time ? nullptr : SPI_plan_get_cached_plan(plan)) ReleaseCachedPlan(planned, CurrentResourceOwner);
      SPI_finish();
    });
  }

  move_program& p_;
  const plan::move_place& place_;
};

// In the list from its first moment, so that an error leaves nothing behind but an entry that the next sweep takes.
move_program& make_move(std::int64_t migration, std::int64_t n) {
  auto placed = place_of(migration, n);
  Oid owner = owner_of_table(placed.source);
  auto* program = pg([&] {
    if (!watches_tables) CacheRegisterRelcacheCallback(on_table_changed, Datum(0));
    watches_tables = true;
    MemoryContext memory = AllocSetContextCreateInternal(CacheMemoryContext, "accord move", ALLOCSET_SMALL_SIZES);
    auto* made = static_cast<move_program*>(MemoryContextAllocZero(memory, sizeof(move_program)));
    auto* callback = static_cast<MemoryContextCallback*>(MemoryContextAllocZero(memory, sizeof(MemoryContextCallback)));
    callback->func = free_move_plans;
    callback->arg = made;
    MemoryContextRegisterResetCallback(memory, callback);
    made->memory = memory;
    made->dropped = true;  // until it is complete
    made->next = move_programs;
    move_programs = made;
    return made;
  });
  program->migration = migration;
  program->n = n;
  program->source = placed.source;
  program->target = placed.target;
  program->owner = owner;
  struct in_the_making {
    move_program& p;
    bool complete = false;
    explicit in_the_making(move_program& program) : p(program) {
      p.references++;
      p.dropped = false;  // an invalidation from here on counts
    }
    ~in_the_making() {
      p.references--;
      p.dropped = p.dropped || !complete;
    }
  } making(*program);
  // Every statement finds its row by a key.  A plan made while a table was empty would read all of it for each row of the backfill.
  pinned_search_path path;
  path.set("enable_seqscan", "off");
  as_owner_of_rows identity(owner);
  move_builder(*program, placed.place).build();
  making.complete = true;
  return *program;
}

core::qualified_name name_of_partition(Oid partition) {
  struct parts {
    const char *schema, *name;
  };
  auto p = pg([&] { return parts{get_namespace_name(get_rel_namespace(partition)), get_rel_name(partition)}; });
  return {p.schema, p.name};
}

}  // namespace

bool concerns(const move_program& program, Oid relation) {
  return program.source == relation || program.target == relation ||
         std::binary_search(program.partitions, program.partitions + program.partition_count, relation);
}

Oid owner_of_table(Oid relation) {
  return pg([&] {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
    if (!HeapTupleIsValid(tuple)) elog(ERROR, "cache lookup failed for relation %u", relation);
    Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;
    ReleaseSysCache(tuple);
    return owner;
  });
}

SPIPlanPtr plan_to_read_source(move_program& program, Oid partition) {
  auto everywhere = program.plans[static_cast<int>(move_statement::read_source)];
  if (!OidIsValid(partition) || partition == program.source) return everywhere;
  for (const auto& local : program.local_reads)
    if (local.partition == partition) return local.plan;
  if (program.last_partition != partition) {
    program.last_partition = partition;
    return everywhere;
  }
  auto placed = place_of(program.migration, program.n);
  pinned_search_path path;
  path.set("enable_seqscan", "off");
  as_owner_of_rows identity(program.owner);
  auto& local = program.local_reads[program.next_local_read];
  program.next_local_read = (program.next_local_read + 1) % local_reads_kept;
  if (SPIPlanPtr before = local.plan) pg([&] { SPI_freeplan(before); });
  local = {InvalidOid, nullptr};
  move_builder(program, placed.place).prepare_local(local.plan, name_of_partition(partition));
  local.partition = partition;
  return local.plan;
}

move_program& find_move(std::int64_t migration, std::int64_t n) {
  for (auto* program = move_programs; program; program = program->next)
    if (program->migration == migration && program->n == n && !program->dropped) return *program;
  pg([] { sweep_moves(); });
  return make_move(migration, n);
}

}  // namespace accord::migration
