// The signals that slow a backfill down, and their reasons in words.
//
// Read between batches, when the backfill holds nothing, and at most four times a second.  It fails closed: what cannot be read stops the
// backfill with its error rather than being taken for good news.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "pg/bridge.hpp"
#include "plan/replication_lag.hpp"

namespace accord::migration {

class backfill_throttle {
 public:
  // max_lag: an interval as text, or none: standbys are not asked.
  explicit backfill_throttle(std::optional<std::string> max_lag) : max_lag_(std::move(max_lag)) {}

  // Why the next batch on `heap` must wait; none: it may start.
  std::optional<std::string> reason_to_wait(Oid heap);

 private:
  std::optional<std::string> lagging_standby();
  std::optional<std::string> unarchived_wal();

  std::optional<std::string> max_lag_, last_;
  std::chrono::steady_clock::time_point read_at_{}, archive_read_at_{};
  std::optional<std::string> archive_reason_;
  plan::replication_lag lag_;
};

}  // namespace accord::migration
