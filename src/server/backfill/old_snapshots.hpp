// Transactions whose snapshot is from before the last row was filled.
//
// In their eyes the rows are still pending and the new version's columns empty, whatever has been committed since: a repeatable read
// transaction that came to the new version's view, or to the table after completion, would read NULLs.  So the new version opens when they are
// gone, as CREATE INDEX CONCURRENTLY waits for those that would not find their rows in the index.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace accord::migration {

class old_snapshots {
 public:
  // Once the last row is committed.
  void gather();
  // Forgets those that have let their snapshot go; who is left, for people.
  std::optional<std::string> in_the_way();
  // Waits for one of them, for a moment, as for a lock: pg_locks and pg_blocking_pids show it.
  void wait() const;

 private:
  struct holder {
    int backend;
    std::uint32_t transaction;
    bool operator==(const holder&) const = default;
  };
  std::vector<holder> holders() const;

  std::uint32_t limit_ = 0;  // the oldest transaction that a snapshot of now could take for unfinished
  std::vector<holder> old_;
};

}  // namespace accord::migration
