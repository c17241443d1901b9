// Batches: which rows are filled, and when one ends.  See batch.hpp.
//
// Invariants: what crosses pg() is plain data; on an error the subtransaction of the caller closes what is open here.
#include "server/backfill/batch.hpp"

#include <chrono>
#include <optional>
#include <thread>

#include "pg/scope.hpp"
#include "pg/spi.hpp"
#include "server/backfill/filling.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

using batch_clock = std::chrono::steady_clock;

double ms_since(batch_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(batch_clock::now() - start).count();
}

// Does anybody wait for a row that this batch has changed?
bool somebody_waits() {
  TransactionId xid = GetCurrentTransactionIdIfAny();
  if (!TransactionIdIsValid(xid)) return false;
  LOCKTAG tag;
  SET_LOCKTAG_TRANSACTION(tag, xid);
  return LockWaiterCount(&tag) > 1;  // we are one of those that it counts
}

// A growing array of places in the caller's memory context.
struct place_list {
  row_place* places = nullptr;
  std::size_t count = 0, room = 0;
};

void append(place_list& list, MemoryContext context, const batch_position& position) {
  if (list.count == list.room) {
    std::size_t room = list.room ? list.room * 2 : 64;
    Size bytes = room * sizeof(row_place);
    list.places = static_cast<row_place*>(list.places ? repalloc_huge(list.places, bytes) : MemoryContextAllocHuge(context, bytes));
    list.room = room;
  }
  list.places[list.count++] = {position.block, position.offset};
}

// A background worker could become any role: what users wrote runs where that is refused.
struct identity_of_batch {
  std::optional<as_user> bound;
  identity_of_batch() {
    if (MyBackendType == B_BG_WORKER) bound.emplace(GetUserId());
  }
};

struct settings_of_batch : local_settings {
  explicit settings_of_batch(const batch_request& request) {
    set("search_path", "pg_catalog, pg_temp");
    // Each change of it throws all plans of the session away, ours too: only where somebody else's code may ask for it.
    if (!request.fire_triggers && pg([&] { return fires_others(request); })) set("session_replication_role", "replica");
  }
};

// Deferred triggers of a batch belong to it: to its identity and to the error that names its row.
void fire_deferred_triggers() {
  spi::execute("SET CONSTRAINTS ALL IMMEDIATE");
}

}  // namespace

batch_result fill_blocks(const batch_request& request, batch_position& position) {
  identity_of_batch identity;
  settings_of_batch settings(request);
  memory_scope memory("accord backfill batch");
  struct {
    std::uint32_t next;
    std::int64_t filled;
    bool yielded, fired;
    place_list skipped;
  } out{request.first_block, 0, false, false, {}};
  auto start = batch_clock::now();
  pg([&] {
    PushActiveSnapshot(GetTransactionSnapshot());
    batch_work w{};
    begin_filling(w, request, position);
    ItemPointerData from, to;
    ItemPointerSet(&from, request.first_block, FirstOffsetNumber);
    ItemPointerSet(&to, request.end_block - 1, MaxOffsetNumber);
    TableScanDesc scan = table_beginscan_tidrange(w.relation, w.estate->es_snapshot, &from, &to);
    BlockNumber block = request.first_block;
    out.next = request.end_block;
    while (table_scan_getnextslot_tidrange(scan, ForwardScanDirection, w.old_slot)) {
      BlockNumber here = ItemPointerGetBlockNumber(&w.old_slot->tts_tid);
      if (here != block) {
        CHECK_FOR_INTERRUPTS();
        std::this_thread::yield();  // a client that waits for this processor goes first, and not after the rest of a time slice
        block = here;
        out.yielded = somebody_waits();
        if (out.yielded || out.filled >= request.max_rows || ms_since(start) >= request.max_ms) {
          out.next = here;
          break;
        }
      }
      if (!is_pending(w, w.old_slot)) continue;
      switch (fill(w, false)) {
        case fate::filled:
          out.filled++;
          break;
        case fate::locked:
          append(out.skipped, memory.context(), position);
          break;
        case fate::nothing_to_do:
          break;
      }
    }
    table_endscan(scan);
    out.fired = w.after_triggers && out.filled > 0;
    end_filling(w);
    PopActiveSnapshot();
  });
  if (out.fired) fire_deferred_triggers();
  batch_result result{out.next, out.filled, out.yielded, {}};
  result.skipped.assign(out.skipped.places, out.skipped.places + out.skipped.count);
  return result;
}

batch_result fill_places(const batch_request& request, const std::vector<row_place>& places, std::size_t first, batch_position& position) {
  identity_of_batch identity;
  settings_of_batch settings(request);
  memory_scope memory("accord backfill rows");
  struct {
    std::size_t next;
    std::int64_t filled;
    bool fired;
    place_list skipped;
  } out{first, 0, false, {}};
  auto start = batch_clock::now();
  pg([&] {
    PushActiveSnapshot(GetTransactionSnapshot());
    batch_work w{};
    begin_filling(w, request, position);
    BlockNumber blocks = RelationGetNumberOfBlocks(w.relation);
    for (; out.next < places.size() && out.filled < request.max_rows && ms_since(start) < request.max_ms; out.next++) {
      CHECK_FOR_INTERRUPTS();
      position = {places[out.next].block, places[out.next].offset};
      if (position.block >= blocks) continue;  // cut off by a vacuum since
      ItemPointerData tid;
      ItemPointerSet(&tid, position.block, position.offset);
      if (!table_tuple_fetch_row_version(w.relation, &tid, w.estate->es_snapshot, w.old_slot) || !is_pending(w, w.old_slot)) continue;
      fate end = fill(w, false);
      if (end == fate::filled) out.filled++;
      if (end == fate::locked) append(out.skipped, memory.context(), position);
    }
    out.fired = w.after_triggers && out.filled > 0;
    end_filling(w);
    PopActiveSnapshot();
  });
  if (out.fired) fire_deferred_triggers();
  batch_result result{static_cast<std::uint32_t>(out.next), out.filled, false, {}};
  result.skipped.assign(out.skipped.places, out.skipped.places + out.skipped.count);
  return result;
}

bool fill_row(const batch_request& request, row_place place, bool wait, std::int64_t& filled, batch_position& position) {
  identity_of_batch identity;
  settings_of_batch settings(request);
  memory_scope memory("accord backfill row");
  position = {place.block, place.offset};
  const fate outcome = pg([&] {
    fate end = fate::nothing_to_do;
    PushActiveSnapshot(GetTransactionSnapshot());
    batch_work w{};
    begin_filling(w, request, position);
    ItemPointerData tid;
    ItemPointerSet(&tid, place.block, place.offset);
    // The heap may have been cut or rewritten since: only what is there is looked at.
    if (place.block < RelationGetNumberOfBlocks(w.relation) &&
        table_tuple_fetch_row_version(w.relation, &tid, w.estate->es_snapshot, w.old_slot) && is_pending(w, w.old_slot)) {
      TM_FailureData failure;
      TM_Result result = table_tuple_lock(w.relation, &tid, w.estate->es_snapshot, w.old_slot, w.estate->es_output_cid, w.lock_mode,
                                          wait ? LockWaitBlock : LockWaitSkip, 0, &failure);
      if (result == TM_WouldBlock)
        end = fate::locked;
      else if (result == TM_Ok)
        end = fill(w, true);
    }
    end_filling(w);
    PopActiveSnapshot();
    return end;
  });
  if (outcome == fate::filled) {
    filled++;
    fire_deferred_triggers();
  }
  return outcome != fate::locked;
}

std::int64_t count_pending(Oid relation, const char* marker) {
  memory_scope memory("accord pending rows");
  return pg([&] {
    std::int64_t pending = 0;
    PushActiveSnapshot(GetTransactionSnapshot());
    Relation rel = table_open(relation, AccessShareLock);
    batch_work w{};
    w.relation = rel;
    w.marker = get_attnum(relation, marker);
    TupleTableSlot* slot = table_slot_create(rel, nullptr);
    TableScanDesc scan = table_beginscan(rel, GetActiveSnapshot(), 0, nullptr);
    while (w.marker != InvalidAttrNumber && table_scan_getnextslot(scan, ForwardScanDirection, slot))
      if (is_pending(w, slot)) pending++;
    table_endscan(scan);
    ExecDropSingleTupleTableSlot(slot);
    table_close(rel, NoLock);
    PopActiveSnapshot();
    return pending;
  });
}

}  // namespace accord::migration
