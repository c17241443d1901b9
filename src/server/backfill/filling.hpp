// filling: one pending row after the other, below the SQL level: read, its triggers run, updated.
//
// Optimism instead of row locks: a row is read, its triggers are run and it is updated without waiting; when somebody else has it, or
// has changed it meanwhile, the update says so and nothing has happened.  That saves one lock (and its WAL record) for each row.  It is only
// right while the triggers that fire are ours, which have no effect of their own; else the row is locked first.
//
// All of it inside pg(), and with plain data: on an error the subtransaction of the caller closes what is open here.
#pragma once

#include "server/backfill/batch.hpp"

#include "pg/pg.h"

namespace accord::migration {

enum class fate { filled, locked, nothing_to_do };

// The executor state of a batch.  Lives and dies inside pg(), or with its memory context.
struct batch_work {
  Relation relation;
  AttrNumber marker;
  EState* estate;
  ResultRelInfo* result_relation;
  EPQState epq;
  TupleTableSlot *old_slot, *new_slot;
  Bitmapset* updated;
  LockTupleMode lock_mode;
  bool before_triggers, only_ours, after_triggers, generated;
  FmgrInfo* functions;  // of each trigger, when only_ours
  batch_position* position;
};

void begin_filling(batch_work&, const batch_request&, batch_position&);
void end_filling(batch_work&);

bool is_pending(const batch_work&, TupleTableSlot*);
// old_slot holds a pending row, which the caller may have locked.  Everything of one row that can take an effect.
fate fill(batch_work&, bool locked);

// Whether any trigger but ours fires for the rows of a batch.
bool fires_others(const batch_request&);

}  // namespace accord::migration
