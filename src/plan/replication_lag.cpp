// See replication_lag.hpp.
#include "plan/replication_lag.hpp"

#include <algorithm>

namespace accord::plan {

void replication_lag::note(double at, std::uint64_t end_of_wal) {
  if (!samples_.empty() && samples_.back().end_of_wal >= end_of_wal) return;
  samples_.push_back({at, end_of_wal});
  // Of a standby that far behind it does not matter by how much.
  if (samples_.size() > most_samples) samples_.erase(samples_.begin() + 1);
}

double replication_lag::behind(double at, std::uint64_t replayed) const {
  auto first = std::upper_bound(samples_.begin(), samples_.end(), replayed, [](auto lsn, const auto& s) { return lsn < s.end_of_wal; });
  return first == samples_.end() ? 0 : at - first->at;
}

}  // namespace accord::plan
