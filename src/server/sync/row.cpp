// The rules for one row.  See row.hpp.
#include "server/sync/row.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

// Values

Datum value_of(const sync_row& row, const sync_column& column) {
  return row.work->slot->tts_values[column.attnum - 1];
}
bool is_null(const sync_row& row, const sync_column& column) {
  return row.work->slot->tts_isnull[column.attnum - 1];
}

// The same bytes, without detoasting what was not touched; then the same value once detoasted.
bool same_image(const sync_column& column, Datum a, Datum b) {
  if (column.by_value) return a == b;
  if (column.length == -1) {
    auto *x = DatumGetPointer(a), *y = DatumGetPointer(b);
    if (x == y) return true;
    Size size = VARSIZE_ANY(x);
    if (size == VARSIZE_ANY(y) && memcmp(x, y, size) == 0) return true;
    if (!VARATT_IS_EXTENDED(x) && !VARATT_IS_EXTENDED(y)) return false;
  }
  return datum_image_eq(a, b, false, column.length);
}

bool same(const sync_column& column, Datum a, bool a_null, Datum b, bool b_null) {
  if (a_null || b_null) return a_null == b_null;
  if (same_image(column, a, b)) return true;
  return column.equal && DatumGetBool(FunctionCall2Coll(column.equal, column.collation, a, b));
}

Datum evaluate_plan(sync_row& row, CachedExpression* plan, int state, bool* null) {
  sync_workspace* work = row.work;
  if (!work->states[state]) {
    MemoryContext outer = MemoryContextSwitchTo(GetMemoryChunkContext(work));
    work->states[state] = ExecInitExpr(reinterpret_cast<Expr*>(plan->expr), nullptr);
    MemoryContextSwitchTo(outer);
  }
  return ExecEvalExprSwitchContext(work->states[state], work->context, null);
}

// Element i of up or down.
Datum evaluate(sync_row& row, const sync_transform& transform, bool upward, int i, bool* null) {
  row.transform = &transform;
  row.upward = upward;
  row.element = i;
  const sync_expression& expression = upward ? transform.up[i] : transform.down[i];
  const sync_column& target = upward ? *transform.new_columns[i] : *transform.old_columns[i];
  Datum value = evaluate_plan(row, expression.plan, expression.state, null);
  row.transform = nullptr;
  // Another expression may read it.
  return MakeExpandedObjectReadOnly(value, *null, target.length);
}

// Sets a column; `force` counts it as changed also when the value is the same.
void assign(sync_row& row, const sync_column& column, Datum value, bool null, bool force) {
  TupleTableSlot* slot = row.work->slot;
  int i = column.attnum - 1;
  if (force || !column.passes_on || !same(column, slot->tts_values[i], slot->tts_isnull[i], value, null))
    row.work->changed[column.attnum] = true;
  slot->tts_values[i] = value;
  slot->tts_isnull[i] = null;
}

// Pairs

bool any_changed(const sync_row& row, sync_column** columns, int count) {
  for (int i = 0; i < count; i++)
    if (row.work->changed[columns[i]->attnum]) return true;
  return false;
}

bool all_null(const sync_row& row, sync_column** columns, int count) {
  for (int i = 0; i < count; i++)
    if (!is_null(row, *columns[i])) return false;
  return true;
}

// new = up(old), or old = down(new) in every column that down sets.
bool satisfied(sync_row& row, const sync_transform& t) {
  auto agrees = [&](bool upward, int count) {
    for (int i = 0; i < count; i++) {
      if (!(upward ? t.up[i] : t.down[i]).plan) continue;
      const sync_column& column = upward ? *t.new_columns[i] : *t.old_columns[i];
      bool null;
      Datum value = evaluate(row, t, upward, i, &null);
      if (!same(column, value_of(row, column), is_null(row, column), value, null)) return false;
    }
    return true;
  };
  return agrees(true, t.new_count) || (t.has_down && agrees(false, t.old_count));
}

void require_value(sync_row& row, const sync_transform& t, bool upward, int i, const sync_column& column, bool null) {
  if (!null || !column.not_null || !row.check_not_null || row.not_null_violated) return;
  row.transform = &t;
  row.upward = upward;
  row.element = i;
  row.not_null_violated = true;
}

// All of one side is computed before any of it is set: the expressions of a pair see the row as it
// was.
void apply(sync_row& row, const sync_transform& t, bool upward, bool force) {
  int count = upward ? t.new_count : t.old_count;
  Datum* values = row.work->values;
  bool* nulls = row.work->nulls;
  for (int i = 0; i < count; i++)
    if ((upward ? t.up[i] : t.down[i]).plan) values[i] = evaluate(row, t, upward, i, &nulls[i]);
  for (int i = 0; i < count; i++) {
    if (!(upward ? t.up[i] : t.down[i]).plan) continue;
    const sync_column& column = upward ? *t.new_columns[i] : *t.old_columns[i];
    require_value(row, t, upward, i, column, nulls[i]);
    assign(row, column, values[i], nulls[i], force);
  }
}

// A pending row has no new values yet: those that the writer did not set come from up, before down
// reads them.
void complete_new_side(sync_row& row, const sync_transform& t) {
  for (int i = 0; i < t.new_count; i++) {
    const sync_column& column = *t.new_columns[i];
    if (row.work->changed[column.attnum]) continue;
    bool null;
    Datum value = evaluate(row, t, true, i, &null);
    row.work->slot->tts_values[column.attnum - 1] = value;
    row.work->slot->tts_isnull[column.attnum - 1] = null;
  }
}

// Passes

// Settles one pair if a change calls for it in this direction.
bool settle(sync_row& row, int index, bool upward, bool force) {
  const sync_transform& t = row.program->transforms[index];
  sync_workspace* work = row.work;
  if (work->done[index]) return false;
  bool old_changed = any_changed(row, t.old_columns, t.old_count);
  bool new_changed = any_changed(row, t.new_columns, t.new_count);
  if (old_changed && new_changed) {
    work->done[index] = true;
    // Without any down the two sides are independent once the new one was set by hand.
    if (t.has_down && !satisfied(row, t)) row.conflict = &t;
    return false;
  }
  if (!(upward ? old_changed : new_changed)) return false;
  work->done[index] = true;
  if (!upward && work->pending[t.migration]) complete_new_side(row, t);
  apply(row, t, upward, force);
  return true;
}

void propagate(sync_row& row, bool force) {
  int count = row.program->transform_count;
  bool again = true;
  while (again && !row.conflict) {
    again = false;
    for (int i = 0; i < count && !row.conflict; i++)
      again |= settle(row, i, true, force);
    for (int i = count - 1; i >= 0 && !row.conflict; i--)
      again |= settle(row, i, false, force);
  }
}

void fill_pending(sync_row& row) {
  for (int i = 0; i < row.program->transform_count && !row.conflict; i++) {
    const sync_transform& t = row.program->transforms[i];
    if (row.work->done[i] || !row.work->pending[t.migration]) continue;
    if (any_changed(row, t.old_columns, t.old_count) || any_changed(row, t.new_columns, t.new_count)) continue;
    row.work->done[i] = true;
    apply(row, t, true, false);
    propagate(row, false);
  }
}

bool any_changed(const sync_row& row, const AttrNumber* attnums, int count) {
  for (int i = 0; i < count; i++)
    if (row.work->changed[attnums[i]]) return true;
  return false;
}

// A changed column that an expression reads but that is on neither side, such as the unit beside a
// length.
void follow_inputs(sync_row& row) {
  for (int i = 0; i < row.program->transform_count && !row.conflict; i++) {
    const sync_transform& t = row.program->transforms[i];
    if (row.work->done[i] || t.old_count == 0 || (t.new_count == 0 && !t.follows_computed)) continue;
    bool up = any_changed(row, t.up_inputs, t.up_input_count);
    if (!up && !any_changed(row, t.down_inputs, t.down_input_count)) continue;
    row.work->done[i] = true;
    if (t.new_count > 0 && satisfied(row, t)) continue;
    apply(row, t, up || !t.has_down, false);
    propagate(row, false);
  }
}

// Rows

void begin(sync_row& row) {
  sync_workspace* work = row.work;
  const sync_program& program = *row.program;
  ResetExprContext(work->context);
  memset(work->done, 0, static_cast<Size>(program.transform_count));
  memset(work->pending, 0, static_cast<Size>(program.migration_count));
}

// The whole row into the workspace, where values may be replaced.
void load(sync_row& row) {
  slot_getallattrs(row.new_slot);
  auto natts = static_cast<Size>(row.program->descriptor->natts);
  memcpy(row.work->slot->tts_values, row.new_slot->tts_values, sizeof(Datum) * natts);
  memcpy(row.work->slot->tts_isnull, row.new_slot->tts_isnull, natts);
}

// What the writer itself left without a value in a column of the new version.  What `up` left without one is told in its own words.
bool lacks_value(sync_row& row) {
  if (row.not_null_violated && row.upward) return false;
  for (int i = 0; i < row.program->required_count; i++)
    if (is_null(row, *row.program->required[i])) {
      row.without_value = row.program->required[i];
      return true;
    }
  return false;
}

// Generated columns of versions that the table does not compute yet.  One that the writer set to something else is refused as the server
// does it.
void compute_generated(sync_row& row) {
  for (int i = 0; i < row.program->computed_count; i++) {
    const sync_computed& computed = row.program->computed[i];
    const sync_column& column = *computed.column;
    bool null;
    Datum value = evaluate_plan(row, computed.expression.plan, computed.expression.state, &null);
    bool given = row.work->changed[column.attnum] && !is_null(row, column);
    if (given && !same(column, value_of(row, column), false, value, null)) row.given_generated = &column;
    assign(row, column, MakeExpandedObjectReadOnly(value, null, column.length), null, false);
  }
}

bool store(sync_row& row) {
  if (!row.conflict) compute_generated(row);
  if (row.given_generated) return false;
  if (!row.conflict && row.check_not_null && lacks_value(row)) return false;
  if (row.conflict || row.not_null_violated) return false;
  TupleTableSlot* slot = row.work->slot;
  for (int m = 0; m < row.program->migration_count; m++) {
    AttrNumber marker = row.program->migrations[m].marker;
    if (marker) slot->tts_isnull[marker - 1] = true;
  }
  HeapTuple tuple = heap_form_tuple(RelationGetDescr(row.relation), slot->tts_values, slot->tts_isnull);
  tuple->t_data->t_ctid = row.tuple->t_data->t_ctid;
  tuple->t_self = row.tuple->t_self;
  tuple->t_tableOid = row.tuple->t_tableOid;
  row.tuple = tuple;
  return true;
}

bool can_differ(const sync_row& row, AttrNumber attnum) {
  return !row.updated || bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber, row.updated);
}

// Which columns differ between two sets of values; expressions' other inputs too.
bool compare(sync_row& row, const Datum* before, const bool* before_null, const Datum* after, const bool* after_null) {
  const sync_program& program = *row.program;
  bool* changed = row.work->changed;
  memset(changed, 0, static_cast<Size>(program.descriptor->natts) + 1);
  bool any = false;
  for (int i = 0; i < program.column_count; i++) {
    const sync_column& column = *program.columns[i];
    if (!can_differ(row, column.attnum)) continue;
    int a = column.attnum - 1;
    changed[column.attnum] = before_null[a] != after_null[a] || (!before_null[a] && !same_image(column, before[a], after[a]));
    any |= changed[column.attnum];
  }
  auto compare_inputs = [&](const AttrNumber* inputs, int count) {
    for (int i = 0; i < count; i++) {
      int a = inputs[i] - 1;
      if (changed[inputs[i]] || !can_differ(row, inputs[i])) continue;
      Form_pg_attribute attribute = TupleDescAttr(program.descriptor, a);
      changed[inputs[i]] = before_null[a] != after_null[a] ||
                           (!before_null[a] && !datum_image_eq(before[a], after[a], attribute->attbyval, attribute->attlen));
      any |= changed[inputs[i]];
    }
  };
  for (int i = 0; i < program.computed_count; i++)
    compare_inputs(program.computed[i].inputs, program.computed[i].input_count);
  for (int i = 0; i < program.transform_count; i++) {
    compare_inputs(program.transforms[i].up_inputs, program.transforms[i].up_input_count);
    compare_inputs(program.transforms[i].down_inputs, program.transforms[i].down_input_count);
  }
  return any;
}

// INSERT

// Without the statement's columns: a value that nobody would get by leaving the column out.
bool looks_named(sync_row& row, const sync_column& column) {
  if (is_null(row, column)) return false;
  for (int i = 0; i < column.default_count; i++) {
    bool null;
    Datum value = evaluate_plan(row, column.defaults[i], column.first_default_state + i, &null);
    if (!null && same_image(column, value, value_of(row, column))) return false;
  }
  return true;
}

// Both sides have values, and nobody knows who gave them.  An old side whose values can all come
// from defaults that differ each time (a sequence) gives way: only the new version's writers fill
// the new side.
bool may_be_defaults(const sync_row& row, const sync_transform& t) {
  for (int i = 0; i < t.old_count; i++)
    if (row.work->changed[t.old_columns[i]->attnum] && !t.old_columns[i]->volatile_default) return false;
  return true;
}

// After completion it is the new side that a sequence of the table fills, and a client of the old version that gives its own value.
bool may_be_generated(const sync_row& row, const sync_transform& t) {
  for (int i = 0; i < t.new_count; i++)
    if (row.work->changed[t.new_columns[i]->attnum] && !t.new_columns[i]->generator) return false;
  return t.new_count > 0;
}

// A writer of the new version left a column out that the old version cannot leave empty: `down` has
// the value.
bool needs_down(sync_row& row, const sync_transform& t) {
  bool needed = false;
  for (int i = 0; i < t.old_count; i++) {
    if (!t.old_columns[i]->not_null || !is_null(row, *t.old_columns[i])) continue;
    bool null = true;
    if (t.down[i].plan) (void)evaluate(row, t, false, i, &null);
    if (null) return false;
    needed = true;
  }
  return needed;
}

// After completion the table's defaults are the new version's, so a value of the old side can only be of the old version's view.
bool from_old_view(const sync_row& row, const sync_transform& t) {
  if (t.old_count == 0 || all_null(row, t.old_columns, t.old_count)) return false;
  for (int c = 0; c < t.old_count; c++)
    if (TupleDescAttr(RelationGetDescr(row.relation), t.old_columns[c]->attnum - 1)->atthasdef) return false;
  return true;
}

// Neither side was named: what the defaults gave.
void settle_defaults(sync_row& row, int index) {
  const sync_transform& t = row.program->transforms[index];
  row.work->done[index] = true;
  if (t.new_count == 0) {  // a column that the new version does not have
    if (all_null(row, t.old_columns, t.old_count)) apply(row, t, false, true);
  } else if (all_null(row, t.new_columns, t.new_count)) {
    apply(row, t, !needs_down(row, t), true);
  } else if (!satisfied(row, t)) {
    apply(row, t, from_old_view(row, t), true);
  }
}

}  // namespace

bool sync_insert(sync_row& row) {
  const sync_program& program = *row.program;
  begin(row);
  load(row);
  sync_workspace* work = row.work;
  memset(work->changed, 0, static_cast<Size>(program.descriptor->natts) + 1);
  for (int i = 0; i < program.column_count; i++) {
    const sync_column& column = *program.columns[i];
    work->changed[column.attnum] = row.named ? row.named[column.attnum] : looks_named(row, column);
  }
  for (int i = 0; i < program.transform_count; i++) {
    const sync_transform& t = program.transforms[i];
    AttrNumber marker = program.migrations[t.migration].marker;
    // A row whose marker is clear was in step already: it moved from another partition, or was
    // copied or replicated whole.
    if (marker && work->slot->tts_isnull[marker - 1] && (!t.complete_down || satisfied(row, t))) {
      work->done[i] = true;
      continue;
    }
    if (row.named || !any_changed(row, t.old_columns, t.old_count) || !any_changed(row, t.new_columns, t.new_count)) continue;
    bool old_gives_way = may_be_defaults(row, t);
    if ((!old_gives_way && !may_be_generated(row, t)) || satisfied(row, t)) continue;
    for (int c = 0; c < (old_gives_way ? t.old_count : t.new_count); c++)
      work->changed[(old_gives_way ? t.old_columns : t.new_columns)[c]->attnum] = false;
  }
  propagate(row, true);
  for (int i = 0; i < program.transform_count && !row.conflict; i++)
    if (!work->done[i]) {
      settle_defaults(row, i);
      propagate(row, true);
    }
  return store(row);
}

bool sync_has_nothing_to_do(const sync_program& program, const Bitmapset* updated, HeapTuple old_tuple, Relation relation) {
  if (!updated || bms_overlap(updated, program.watched)) return false;
  for (int m = 0; m < program.migration_count; m++)
    if (AttrNumber marker = program.migrations[m].marker; marker && !heap_attisnull(old_tuple, marker, RelationGetDescr(relation)))
      return false;
  return true;
}

bool sync_update(sync_row& row) {
  const sync_program& program = *row.program;
  slot_getsomeattrs(row.new_slot, program.highest);
  slot_getsomeattrs(row.old_slot, program.highest);
  sync_workspace* work = row.work;
  bool changed = compare(row, row.old_slot->tts_values, row.old_slot->tts_isnull, row.new_slot->tts_values, row.new_slot->tts_isnull);
  bool marked = false;
  for (int m = 0; m < program.migration_count; m++) {
    AttrNumber marker = program.migrations[m].marker;
    if (!marker) continue;
    bool was = !row.old_slot->tts_isnull[marker - 1] && DatumGetBool(row.old_slot->tts_values[marker - 1]);
    marked |= was || !row.new_slot->tts_isnull[marker - 1];
  }
  if (!changed && !marked) return false;

  begin(row);
  load(row);
  for (int m = 0; m < program.migration_count; m++) {
    AttrNumber marker = program.migrations[m].marker;
    work->pending[m] = marker && !row.old_slot->tts_isnull[marker - 1] && DatumGetBool(row.old_slot->tts_values[marker - 1]);
  }
  propagate(row, false);
  fill_pending(row);
  follow_inputs(row);
  return store(row);
}

bool sync_after_triggers(sync_row& row, HeapTuple before) {
  auto as_it_is = [&] {
    for (int i = 0; i < row.program->required_count && !row.without_value; i++)
      if (heap_attisnull(row.tuple, row.program->required[i]->attnum, RelationGetDescr(row.relation)))
        row.without_value = row.program->required[i];
    return false;
  };
  if (before->t_len == row.tuple->t_len && before->t_data->t_infomask2 == row.tuple->t_data->t_infomask2 &&
      before->t_data->t_hoff == row.tuple->t_data->t_hoff &&
      memcmp(before->t_data->t_bits, row.tuple->t_data->t_bits, row.tuple->t_len - SizeofHeapTupleHeader) == 0)
    return as_it_is();
  sync_workspace* work = row.work;
  slot_getsomeattrs(row.new_slot, row.program->highest);
  heap_deform_tuple(before, RelationGetDescr(row.relation), work->before, work->before_null);
  bool changed = compare(row, work->before, work->before_null, row.new_slot->tts_values, row.new_slot->tts_isnull);
  for (int m = 0; m < row.program->migration_count; m++) {
    AttrNumber marker = row.program->migrations[m].marker;
    changed |= marker && !row.new_slot->tts_isnull[marker - 1];
  }
  if (!changed) return as_it_is();
  begin(row);
  load(row);
  propagate(row, false);
  follow_inputs(row);
  return store(row);
}

}  // namespace accord::migration
