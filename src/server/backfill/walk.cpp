// The engine's walk: the ranges of the heaps, or the rows of a condition, batch by batch.  See engine.hpp.
#include <algorithm>
#include <chrono>
#include <fmt/format.h>

#include "pg/pause.hpp"
#include "server/backfill/engine.hpp"

#include "pg/pg.h"

namespace accord::migration {

namespace {

using backfill_clock = std::chrono::steady_clock;

double seconds_since(backfill_clock::time_point start) {
  return std::chrono::duration<double>(backfill_clock::now() - start).count();
}

bool gives_way(const std::string& sqlstate) {
  return sqlstate == "55P03" || sqlstate == "40P01" || sqlstate == "40001";
}

}  // namespace

batch_request backfill_engine::request_for(Oid heap) const {
  batch_request request;
  request.relation = heap;
  request.marker = job_.marker->c_str();
  request.fire_triggers = options_.fire_triggers;
  return request;
}

const std::string& backfill_engine::display(Oid heap) {
  auto found = names_.find(heap);
  return found == names_.end() ? names_.emplace(heap, relation_display(heap)).first->second : found->second;
}

void backfill_engine::show(const claim& range, const char* waiting_for) {
  std::string text = fmt::format("accord.backfill: \"{}\" to {}, \"{}\": block {} of {}", job_.contract_name, job_.to_version,
                                 display(range.heap), range.next_block, range.end_block);
  if (waiting_for) text += fmt::format(", waiting for {}", waiting_for);
  const char* line = text.c_str();
  pg([&] { pgstat_report_activity(STATE_RUNNING, line); });
}

void backfill_engine::stop_at_row(Oid heap, const batch_position& position, const reported_error& error) {
  std::string where = fmt::format("in \"{}\"", relation_display(heap));
  if (position.block != 0xFFFFFFFF) {
    std::string key = key_at(heap, {position.block, position.offset});
    where = fmt::format("at row ({},{}) of \"{}\"{}{}", position.block, position.offset, relation_display(heap),
                        key.empty() ? "" : ", whose key is ", key);
  }
  throw failure(error.sqlstate, fmt::format("backfill of \"{}\" stopped {}: {}", job_.contract_name, where, error.message), error.detail,
                error.hint.empty() ? "Correct the row, then call accord.backfill again: it goes on where it stopped." : error.hint);
}

// The heap, which is locked, has another file than when the range was claimed: its walk begins again.
void backfill_engine::abandon(work& w) {
  prepare_range(job_, w.range.heap);
  w.is_void = true;
  commit_without_flush();
}

// The rows of the next blocks of the range, in the present transaction.  False: the batch gave way to somebody, and nothing was done.
bool backfill_engine::fill_range(work& w, const batch_request& request, batch_result& result) {
  batch_position position;
  reported_error error;
  bool done = subtransaction(
      [&] {
        local_settings settings;
        settings.set("lock_timeout", "50ms");  // for what a row's indexes and triggers may wait for
        result = fill_blocks(request, position);
      },
      error);
  if (done) return true;
  if (!gives_way(error.sqlstate)) stop_at_row(request.relation, position, error);
  pace_.gave_way();
  write_waiting_for(w.range, fmt::format("a lock that a row of \"{}\" needs", relation_display(request.relation)));
  commit_without_flush();
  pause_ms(options_.batch_ms);
  return false;
}

// One batch from where the walk is.
void backfill_engine::step(work& w) {
  claim& range = w.range;
  switch (lock(range.heap, &range)) {
    case heap_state::gone:
      w.is_void = true;
      return commit();
    case heap_state::superseded:
      return commit();
    case heap_state::ready:
      break;
  }
  if (storage_of(range.heap) != range.storage) return abandon(w);
  auto request = request_for(range.heap);
  request.first_block = static_cast<std::uint32_t>(range.next_block);
  request.end_block = static_cast<std::uint32_t>(range.end_block);
  request.max_rows = pace_.rows();
  request.max_ms = options_.batch_ms * 0.9;
  auto start = backfill_clock::now();
  batch_result result;
  if (!fill_range(w, request, result)) return;
  double elapsed = seconds_since(start);
  row_rate_.add(static_cast<double>(result.filled), elapsed * (1 + options_.nice));
  block_rate_.add(static_cast<double>(result.next_block) - static_cast<double>(range.next_block), elapsed * (1 + options_.nice));
  range.next_block = result.next_block;
  range.rows_skipped += static_cast<std::int64_t>(result.skipped.size());
  w.skipped.insert(w.skipped.end(), result.skipped.begin(), result.skipped.end());
  rows_ += result.filled;
  write_claim(job_, range, result.filled, {row_rate_.per_second(), block_rate_.per_second()});
  commit_without_flush();
  elapsed = seconds_since(start);
  pace_.completed(result.filled, elapsed * 1000);
  show(range);
  if (options_.nice > 0) pause_ms(elapsed * 1000 * options_.nice);
}

// The rows that somebody else had: first as they come free, then, if they do not, waiting for one of them with nothing else in hand.
// False: stop.
bool backfill_engine::revisit(work& w) {
  Oid heap = w.range.heap;
  auto& skipped = w.skipped;
  auto waiting_since = backfill_clock::now();
  for (int round = 0; !skipped.empty(); round++) {
    if (!may_go_on(heap, &w.range)) return false;
    bool wait = round >= 3;
    if (wait) {
      write_waiting_for(w.range,
                        fmt::format("{} {} that other transactions have locked", skipped.size(), skipped.size() == 1 ? "row" : "rows"));
      show(w.range, "rows that other transactions have locked");
      commit_without_flush();
    }
    auto state = lock(heap, &w.range);
    if (state != heap_state::ready) {
      w.is_void = state == heap_state::gone;
      commit();
      return !stopped();
    }
    if (storage_of(heap) != w.range.storage) {
      abandon(w);
      return true;
    }
    auto request = request_for(heap);
    auto start = backfill_clock::now();
    std::int64_t filled = 0;
    std::vector<row_place> still;
    batch_position position;
    reported_error error;
    // Shorter than the deadlock check of the session that may come to wait for our lock on the table.
    std::string patience = fmt::format("{}ms", std::clamp(pg([] { return DeadlockTimeout; }) / 2, 1, 200));
    bool done = subtransaction(
        [&] {
          local_settings settings;
          settings.set("lock_timeout", patience.c_str());
          still.assign(skipped.begin(), skipped.end());
          if (wait) {
            fill_row(request, skipped.front(), true, filled, position);
            still.erase(still.begin());
          } else {
            still.clear();
            for (std::size_t i = 0; i < skipped.size(); i++) {
              bool in_time = seconds_since(start) * 1000 < options_.batch_ms;
              if (!in_time || !fill_row(request, skipped[i], false, filled, position)) still.push_back(skipped[i]);
            }
          }
        },
        error);
    if (!done) {
      if (!gives_way(error.sqlstate)) stop_at_row(heap, position, error);
      int limit = pg([] { return LockTimeout; });
      if (limit > 0 && seconds_since(waiting_since) * 1000 > limit)
        throw failure(
            "55P03", "canceling backfill due to lock timeout",
            fmt::format("Rows of \"{}\" are locked by other transactions and remain pending: {}.", relation_display(heap), skipped.size()),
            "Call accord.backfill again: it goes on where it stopped.");
      commit_without_flush();
      continue;
    }
    if (filled > 0 || still.size() < skipped.size()) {
      round = -1;
      waiting_since = backfill_clock::now();
    }
    skipped = std::move(still);
    rows_ += filled;
    w.range.rows_skipped = static_cast<std::int64_t>(skipped.size());
    write_claim(job_, w.range, filled, {row_rate_.per_second(), block_rate_.per_second()});
    commit_without_flush();
    if (!skipped.empty() && !wait) pause_ms(10 << std::max(round, 0));
  }
  return true;
}

// False: stop.
bool backfill_engine::prepare(const std::vector<Oid>& heaps) {
  for (Oid heap : heaps) {
    auto state = lock(heap, nullptr);
    if (state == heap_state::ready) prepare_range(job_, heap);
    commit_without_flush();
    if (state == heap_state::superseded) return false;
  }
  return true;
}

// All ranges of the heaps that nobody else has.  Rows that were locked are visited again at the end, when they may have come free.
// False: stop.
bool backfill_engine::walk(const std::vector<Oid>& heaps) {
  std::vector<work> kept;
  for (;;) {
    std::vector<std::int64_t> open;
    for (const auto& w : kept)
      open.push_back(w.range.id);
    auto range = next_claim(job_, who_, heaps, open);
    commit_without_flush();
    if (!range && kept.empty()) return true;
    if (!range) {
      for (auto& w : kept) {
        if (!revisit(w)) return false;
        if (!w.is_void) close_claim(job_, w.range);
        commit_without_flush();
      }
      kept.clear();
      continue;
    }
    work w{std::move(*range), {}, false};
    while (!w.is_void && w.range.next_block < w.range.end_block) {
      if (!may_go_on(w.range.heap, &w.range)) return false;
      step(w);
      if (stopped()) return false;
    }
    if (w.is_void) continue;
    if (!w.skipped.empty()) {
      kept.push_back(std::move(w));
      continue;
    }
    close_claim(job_, w.range);
    commit_without_flush();
  }
}

backfill_end backfill_engine::run_rows(Oid relation, const std::string& condition) {
  commit();
  for (;;) {
    auto found = find_pending_rows(relation, *job_.marker, condition);
    commit();
    if (found.empty()) return backfill_end::subset;
    std::vector<Oid> heaps;
    for (const auto& [heap, rows] : found)
      heaps.push_back(heap);
    if (!prepare(heaps)) return stopped_end();
    std::int64_t before = rows_, locked = 0;
    for (auto& [heap, rows] : found)
      if (!fill_found(heap, rows, locked)) return stopped_end();
    // Rows that others had, or that were moved meanwhile, are looked for again.
    if (rows_ > before) continue;
    if (locked == 0) return backfill_end::subset;
    pause_ms(100);
  }
}

// False: stop.
bool backfill_engine::fill_found(Oid heap, const found_rows& rows, std::int64_t& locked) {
  for (std::size_t next = 0; next < rows.places.size();) {
    if (!may_go_on(heap, nullptr)) return false;
    auto state = lock(heap, nullptr);
    if (state != heap_state::ready || storage_of(heap) != rows.storage) {
      commit();
      return !stopped();
    }
    auto request = request_for(heap);
    request.max_rows = pace_.rows();
    request.max_ms = options_.batch_ms * 0.9;
    auto start = backfill_clock::now();
    batch_result result;
    batch_position position;
    reported_error error;
    bool done = subtransaction(
        [&] {
          local_settings settings;
          settings.set("lock_timeout", "50ms");
          result = fill_places(request, rows.places, next, position);
        },
        error);
    if (!done) {
      if (!gives_way(error.sqlstate)) stop_at_row(heap, position, error);
      pace_.gave_way();
      commit_without_flush();
      pause_ms(options_.batch_ms);
      continue;
    }
    next = result.next_block;
    locked += static_cast<std::int64_t>(result.skipped.size());
    rows_ += result.filled;
    count_rows(job_, heap, result.filled);
    commit_without_flush();
    double elapsed = seconds_since(start);
    pace_.completed(result.filled, elapsed * 1000);
    if (options_.nice > 0) pause_ms(elapsed * 1000 * options_.nice);
  }
  return true;
}

}  // namespace accord::migration
