// Compiling sync programs.  See build.hpp.
#include "server/sync/build.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/name.hpp"
#include "core/text.hpp"
#include "pg/scope.hpp"
#include "server/sync/expression.hpp"
#include "server/sync/names.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// Nodes whose state may outlive a statement: no sub-plans, no row types, no domains, whose
// constraints are read when the state is made.
bool keeps_plain(Node* node, void* context) {
  if (!node) return false;
  switch (nodeTag(node)) {
    case T_Var:
    case T_Const:
    case T_OpExpr:
    case T_FuncExpr:
    case T_DistinctExpr:
    case T_NullIfExpr:
    case T_ScalarArrayOpExpr:
    case T_BoolExpr:
    case T_RelabelType:
    case T_CoerceViaIO:
    case T_CaseExpr:
    case T_CaseWhen:
    case T_CaseTestExpr:
    case T_CoalesceExpr:
    case T_MinMaxExpr:
    case T_BooleanTest:
    case T_NullTest:
    case T_List:
      break;
    default:
      return true;
  }
  auto is_not_plain = [](Oid function, void*) {
    HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
    if (!HeapTupleIsValid(tuple)) return true;
    auto* form = reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple));
    bool plain = (form->prolang == INTERNALlanguageId || form->prolang == ClanguageId) && !form->prosecdef && !form->proretset &&
                 heap_attisnull(tuple, Anum_pg_proc_proconfig, nullptr);
    ReleaseSysCache(tuple);
    return !plain;
  };
  if (check_functions_in_node(node, is_not_plain, nullptr)) return true;
  return accord_expression_tree_walker(node, keeps_plain, context);
}

class builder {
 public:
  builder(Relation relation, const sync_text& text) : relation_(RelationGetRelid(relation)), rel_(relation), text_(text) {}

  void build(sync_program& program) {
    program_ = &program;
    scratch_.emplace("accord sync compile");
    pinned_search_path path;
    as_user owner(program_->owner, true);
    pg([&] {
      MemoryContextSwitchTo(program_->memory);
      program_->descriptor = CreateTupleDescCopy(RelationGetDescr(rel_));
      MemoryContextSwitchTo(scratch_->context());
    });
    count();
    for (const auto& transform : text_.transforms)
      if (transform.computed) add_computed(transform);
    for (std::size_t i = 0; i < text_.migrations.size(); i++)
      add_migration(text_.migrations[i], program_->migrations[i]);
    for (const auto& transform : text_.transforms)
      if (!transform.computed) add_transform(transform, program_->transforms[program_->transform_count++]);
    collect();
    find_chains();
    watch();
    program_->others_on_insert = other_triggers_of(rel_, false).any;
    auto others = other_triggers_of(rel_, true);
    program_->others_on_update = others.any;
    program_->first_on_update = others.after_ours;
  }

 private:
  template <typename T>
  T* allocate(std::size_t n) {
    return pg([&] { return static_cast<T*>(MemoryContextAllocZero(program_->memory, sizeof(T) * (n + 1))); });
  }

  const char* copied(const std::string& s) {
    const char* text = s.c_str();
    return pg([&] { return MemoryContextStrdup(program_->memory, text); });
  }

  // The arrays whose size is known before; plans get room for a table's and each version's default
  // of each column.
  void count() {
    program_->migration_count = static_cast<int>(text_.migrations.size());
    program_->migrations = allocate<sync_migration>(text_.migrations.size());
    program_->transforms = allocate<sync_transform>(text_.transforms.size());
    program_->computed = allocate<sync_computed>(text_.transforms.size());
    std::size_t plans = 0;
    for (const auto& transform : text_.transforms)
      plans += transform.up.size() + transform.down.size() +
               (transform.old_columns.size() + transform.new_columns.size()) * (1 + text_.versions.size());
    program_->plans = allocate<CachedExpression*>(plans);
    program_->highest = 0;
  }

  AttrNumber attnum_of(const std::string& physical) {
    const char* name = physical.c_str();
    AttrNumber attnum = pg([&] { return get_attnum(relation_, name); });
    if (attnum <= 0)
      throw failure(core::sqlstate::object_not_in_prerequisite_state,
                    fmt::format("column \"{}\" of relation \"{}\" does not exist, but a live "
                                "migration of contract \"{}\" needs it",
                                physical, RelationGetRelationName(rel_), text_.contract_name));
    return attnum;
  }

  void add_migration(const migration_text& from, sync_migration& to) {
    to.id = from.id;
    to.marker = from.marker.empty() ? InvalidAttrNumber : attnum_of(from.marker);
    to.from_version = copied(from.from_version);
    to.to_version = copied(from.to_version);
    needs(to.marker);
  }

  void needs(AttrNumber attnum) { program_->highest = std::max(program_->highest, attnum); }

  CachedExpression* planned(Node* node) {
    return pg([&] { return GetCachedExpression(node); });
  }

  // The room in `plans` is taken before the plan is made, so that free_plans() finds it.
  int add_plan(Node* node) {
    int state = program_->plan_count;
    program_->plans[state] = planned(node);
    program_->plan_count = state + 1;
    return state;
  }

  sync_expression compile(const version_text& version, const std::string& text, const sync_column& target) {
    expression_scope scope;
    scope.relation = relation_;
    scope.qualifier = text_.contract_name;
    for (const auto& column : version.columns) {
      const char* name = column.physical.c_str();
      AttrNumber attnum = pg([&] { return get_attnum(relation_, name); });
      if (attnum > 0) scope.columns.push_back({column.name, attnum});
    }
    Form_pg_attribute attribute = TupleDescAttr(program_->descriptor, target.attnum - 1);
    Node* node = compile_expression(scope, expression_text(text), {target.name, attribute->atttypid, attribute->atttypmod});
    int state = add_plan(expand_computed(expand_generated_columns(relation_, node)));
    return {program_->plans[state], state};
  }

  sync_column* column(const version_text& version, const std::string& name) {
    const column_text* found = version.find(name);
    if (!found)
      throw failure(core::sqlstate::internal_error, fmt::format("column \"{}\" of version {} of contract \"{}\" has no physical column",
                                                                name, version.major, text_.contract_name));
    AttrNumber attnum = attnum_of(found->physical);
    auto known = columns_.find(attnum);
    if (known != columns_.end()) return known->second;
    auto* result = allocate<sync_column>(1);
    columns_[attnum] = result;
    Form_pg_attribute attribute = TupleDescAttr(program_->descriptor, attnum - 1);
    result->attnum = attnum;
    result->name = copied(name);
    result->by_value = attribute->attbyval;
    result->length = attribute->attlen;
    result->not_null = TupleDescAttr(RelationGetDescr(rel_), attnum - 1)->attnotnull;  // a copied descriptor has lost it
    result->collation = attribute->attcollation;
    pg([&] {
      TypeCacheEntry* type = lookup_type_cache(attribute->atttypid, TYPECACHE_EQ_OPR_FINFO);
      if (OidIsValid(type->eq_opr_finfo.fn_oid)) result->equal = &type->eq_opr_finfo;
    });
    result->defaults = allocate<CachedExpression*>(1 + text_.versions.size());
    result->first_default_state = program_->plan_count;
    add_default(*result, pg([&] { return build_column_default(rel_, attnum); }));
    result->generator = result->volatile_default;
    for (const auto& v : text_.versions)
      for (const auto& c : v.columns)
        if (c.physical == found->physical && c.default_expression) {
          expression_scope nothing;
          nothing.relation = relation_;
          nothing.qualifier = text_.contract_name;
          add_default(*result, compile_expression(nothing, expression_text(*c.default_expression),
                                                  {c.name, attribute->atttypid, attribute->atttypmod}));
        }
    needs(attnum);
    return result;
  }

  void add_default(sync_column& column, Node* node) {
    if (!node) return;
    if (pg([&] { return contain_volatile_functions(node); })) {
      column.volatile_default = true;
      return;
    }
    int state = add_plan(node);
    column.defaults[column.default_count++] = program_->plans[state];
  }

  // The columns that expressions read outside their own side of the pair.
  void add_inputs(const sync_expression* expressions, int count, sync_column** own, int own_count, AttrNumber*& inputs, int& input_count) {
    std::vector<AttrNumber> found;
    for (int i = 0; i < count; i++) {
      if (!expressions[i].plan) continue;
      Node* node = expressions[i].plan->expr;
      Bitmapset* used = pg([&] {
        Bitmapset* attributes = nullptr;
        pull_varattnos(node, 1, &attributes);
        return attributes;
      });
      for (AttrNumber a = 1; a <= program_->descriptor->natts; a++) {
        if (!bms_is_member(a - FirstLowInvalidHeapAttributeNumber, used)) continue;
        needs(a);
        bool is_own = std::any_of(own, own + own_count, [&](const sync_column* c) { return c->attnum == a; });
        if (!is_own && std::find(found.begin(), found.end(), a) == found.end()) found.push_back(a);
      }
    }
    inputs = allocate<AttrNumber>(found.size());
    std::copy(found.begin(), found.end(), inputs);
    input_count = static_cast<int>(found.size());
  }

  bool has_check(const std::string& name) const {
    const TupleConstr* constraints = RelationGetDescr(rel_)->constr;
    for (int i = 0; constraints && i < constraints->num_check; i++)
      if (name == constraints->check[i].ccname) return true;
    return false;
  }

  // Generated columns of a version that the triggers compute, replaced by their expressions, like those of the table.
  Node* expand_computed(Node* node) {
    if (program_->computed_count == 0) return node;
    return pg([&] { return computed_to_expression(node, program_); });
  }
  static Node* computed_to_expression(Node* node, void* context) {
    if (!node) return nullptr;
    if (IsA(node, Var)) {
      auto* program = static_cast<sync_program*>(context);
      for (int i = 0; i < program->computed_count; i++)
        if (program->computed[i].column->attnum == reinterpret_cast<Var*>(node)->varattno)
          return static_cast<Node*>(copyObjectImpl(program->computed[i].expression.plan->expr));
      return node;
    }
    return accord_expression_tree_mutator(node, computed_to_expression, context);
  }

  void add_computed(const transform_text& from) {
    const version_text& version = text_.version(text_.migrations[static_cast<std::size_t>(from.migration)].to_version);
    sync_column* target = column(version, from.new_columns.front());
    // Since completion the table does it.
    if (TupleDescAttr(program_->descriptor, target->attnum - 1)->attgenerated) return;
    require(target, from.migration, from.new_columns.front());
    sync_computed& added = program_->computed[program_->computed_count];
    added.expression = compile(version, from.up.front(), *target);
    add_inputs(&added.expression, 1, nullptr, 0, added.inputs, added.input_count);
    added.column = target;
    program_->computed_count++;
  }

  void require(sync_column* added, int migration, const std::string& name) {
    added->required =
        added->required ||
        has_check(core::fitted_name(fmt::format("_accord_{}_not_null_", text_.migrations[static_cast<std::size_t>(migration)].id), name));
    added->not_null = added->not_null || added->required;
  }

  void add_transform(const transform_text& from, sync_transform& to) {
    const version_text& old_version = text_.version(text_.migrations[static_cast<std::size_t>(from.migration)].from_version);
    const version_text& new_version = text_.version(text_.migrations[static_cast<std::size_t>(from.migration)].to_version);
    to.migration = from.migration;
    to.old_columns = allocate<sync_column*>(from.old_columns.size());
    to.new_columns = allocate<sync_column*>(from.new_columns.size());
    to.up = allocate<sync_expression>(from.new_columns.size());
    to.down = allocate<sync_expression>(from.old_columns.size());
    for (const auto& name : from.old_columns)
      to.old_columns[to.old_count++] = column(old_version, name);
    for (const auto& name : from.new_columns) {
      auto* added = column(new_version, name);
      require(added, from.migration, name);
      to.new_columns[to.new_count++] = added;
    }
    for (int i = 0; i < to.new_count; i++)
      to.up[i] = compile(old_version, from.up.at(static_cast<std::size_t>(i)), *to.new_columns[i]);
    to.complete_down = true;
    for (int i = 0; i < to.old_count; i++) {
      const auto& down = from.down.at(static_cast<std::size_t>(i));
      if (down) to.down[i] = compile(new_version, *down, *to.old_columns[i]);
      (down ? to.has_down : to.complete_down) = down ? true : false;
    }
    add_inputs(to.up, to.new_count, to.old_columns, to.old_count, to.up_inputs, to.up_input_count);
    add_inputs(to.down, to.old_count, to.new_columns, to.new_count, to.down_inputs, to.down_input_count);
    to.follows_computed = to.new_count == 0 && reads_computed(from);
  }

  // Also after completion, when the table computes them.
  bool reads_computed(const transform_text& from) const {
    return std::any_of(text_.transforms.begin(), text_.transforms.end(), [&](const auto& t) {
      return t.computed && t.migration == from.migration && std::any_of(from.down.begin(), from.down.end(), [&](const auto& down) {
               return down && core::contains(names_in(*down), t.new_columns.front());
             });
    });
  }

  void collect() {
    program_->column_count = static_cast<int>(columns_.size());
    program_->columns = allocate<sync_column*>(columns_.size());
    program_->required = allocate<sync_column*>(columns_.size());
    for (const auto& [attnum, column] : columns_)
      if (column->required) program_->required[program_->required_count++] = column;
    int i = 0;
    for (const auto& [attnum, column] : columns_)
      program_->columns[i++] = column;
    program_->plain = pg([&] {
      for (int p = 0; p < program_->plan_count; p++)
        if (keeps_plain(program_->plans[p]->expr, nullptr)) return false;
      return true;
    });
  }

  // A column that one pair sets and another one has or reads.
  void find_chains() {
    std::map<const sync_column*, int> pairs;
    std::vector<AttrNumber> read;
    for (int i = 0; i < program_->transform_count; i++) {
      const sync_transform& t = program_->transforms[i];
      for (int c = 0; c < t.old_count; c++)
        pairs[t.old_columns[c]]++;
      for (int c = 0; c < t.new_count; c++)
        pairs[t.new_columns[c]]++;
      read.insert(read.end(), t.up_inputs, t.up_inputs + t.up_input_count);
      read.insert(read.end(), t.down_inputs, t.down_inputs + t.down_input_count);
    }
    for (const auto& [attnum, column] : columns_)
      column->passes_on = pairs[column] > 1 || std::find(read.begin(), read.end(), attnum) != read.end();
  }

  void watch() {
    pg([&] {
      MemoryContext outer = MemoryContextSwitchTo(program_->memory);
      auto add = [&](AttrNumber a) { program_->watched = bms_add_member(program_->watched, a - FirstLowInvalidHeapAttributeNumber); };
      for (int i = 0; i < program_->column_count; i++)
        add(program_->columns[i]->attnum);
      for (int i = 0; i < program_->migration_count; i++)
        if (program_->migrations[i].marker) add(program_->migrations[i].marker);
      for (int i = 0; i < program_->computed_count; i++)
        for (int c = 0; c < program_->computed[i].input_count; c++)
          add(program_->computed[i].inputs[c]);
      for (int i = 0; i < program_->transform_count; i++) {
        const sync_transform& t = program_->transforms[i];
        for (int c = 0; c < t.up_input_count; c++)
          add(t.up_inputs[c]);
        for (int c = 0; c < t.down_input_count; c++)
          add(t.down_inputs[c]);
      }
      MemoryContextSwitchTo(outer);
    });
  }

  Oid relation_;
  Relation rel_;
  const sync_text& text_;
  sync_program* program_ = nullptr;
  std::optional<memory_scope> scratch_;
  std::map<AttrNumber, sync_column*> columns_;
};

}  // namespace

void compile_program(Relation relation, const sync_text& text, sync_program& program) {
  builder(relation, text).build(program);
}

}  // namespace accord::migration
