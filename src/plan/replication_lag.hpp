// How far behind a standby is, in seconds, from what it has replayed and when the WAL ended there.
//
// pg_stat_replication.replay_lag is measured when the standby replays something: of one that replays nothing at all it keeps saying what was
// true before.
#pragma once

#include <cstdint>
#include <deque>

namespace accord::plan {

class replication_lag {
 public:
  // The end of the WAL at a time in seconds, which only grows.
  void note(double at, std::uint64_t end_of_wal);
  // Since when there has been WAL that was not replayed; not before the first note.
  double behind(double at, std::uint64_t replayed) const;

 private:
  static constexpr std::size_t most_samples = 10'000;
  struct sample {
    double at;
    std::uint64_t end_of_wal;
  };
  std::deque<sample> samples_;
};

}  // namespace accord::plan
