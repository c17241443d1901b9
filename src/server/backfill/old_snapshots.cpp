// See old_snapshots.hpp.
#include "server/backfill/old_snapshots.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "pg/scope.hpp"
#include "server/registry/catalog.hpp"

#include "pg/pg.h"

namespace accord::migration {

// VACUUM and CREATE INDEX CONCURRENTLY show nobody any row.
std::vector<old_snapshots::holder> old_snapshots::holders() const {
  struct found {
    VirtualTransactionId* ids;
    int count;
  };
  auto all = pg([&] {
    found f{nullptr, 0};
    f.ids = GetCurrentVirtualXIDs(limit_, true, false, PROC_IS_AUTOVACUUM | PROC_IN_VACUUM | PROC_IN_SAFE_IC, &f.count);
    return f;
  });
  std::vector<holder> result;
  for (int i = 0; i < all.count; i++)
    result.push_back({ACCORD_VXID_BACKEND(all.ids[i]), all.ids[i].localTransactionId});
  return result;
}

void old_snapshots::gather() {
  limit_ = pg([] {
    PushActiveSnapshot(GetTransactionSnapshot());
    TransactionId oldest = GetActiveSnapshot()->xmin;
    PopActiveSnapshot();
    return oldest;
  });
  old_ = holders();
}

std::optional<std::string> old_snapshots::in_the_way() {
  if (old_.empty()) return std::nullopt;
  auto now = holders();
  std::erase_if(old_, [&](const auto& h) { return std::find(now.begin(), now.end(), h) == now.end(); });
  if (old_.empty()) return std::nullopt;
  std::vector<std::string> ids;
  for (const auto& h : old_)
    ids.push_back(fmt::format("{}/{}", h.backend, h.transaction));
  auto rows = catalog::query(
      "SELECT string_agg(pid::text, ', ' ORDER BY pid) FROM pg_locks"
      " WHERE locktype = 'virtualxid' AND granted AND virtualxid = ANY ($1::text[])",
      {spi::array_literal(ids)});
  return fmt::format("transactions that began before the last row was filled: process {}", rows.front().text_or(0, "gone"));
}

void old_snapshots::wait() const {
  if (old_.empty()) return;
  VirtualTransactionId first = {old_.front().backend, old_.front().transaction};
  reported_error error;
  bool ended = subtransaction(
      [&] {
        local_settings settings;
        settings.set("lock_timeout", "100ms");
        pg([&] { (void)VirtualXactLock(first, true); });
      },
      error);
  if (!ended && error.sqlstate != "55P03" && error.sqlstate != "40P01")
    throw failure(error.sqlstate, error.message, error.detail, error.hint);
}

}  // namespace accord::migration
