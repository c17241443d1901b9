// engine: executes statements on the clones and tells what each of them did: which relations it locked how, and what it rewrote and read.
//
// Locking: each statement runs in a subtransaction, and the locks that it took on clones are given back at once, so that the next one's can be
// told apart.  Giving them back early is safe: nobody else can see the clones.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/name.hpp"
#include "pg/scope.hpp"
#include "server/check/names.hpp"
#include "server/check/observed.hpp"

namespace accord::check {

// A relation of the database's that has a clone.
struct relation {
  Oid original = InvalidOid;  // InvalidOid: the script made it
  core::qualified_name name;  // at this place of the script
  char kind = '\0';
  Oid table = InvalidOid;  // of an index: the clone of its table
  Oid file = InvalidOid;
  std::int64_t scans = 0;
};

// SQLSTATE of a statement that would reach what has no clone.
inline constexpr const char* no_copy = "AC998";

std::string mode_name(LOCKMODE);  // ACCESS EXCLUSIVE

struct lock_taken {
  Oid clone = InvalidOid;
  LOCKMODE mode = NoLock;
};

struct effects {
  std::vector<lock_taken> locks;  // the strongest on each relation that was there before, strongest first, then by name
  std::vector<Oid> rewritten;     // tables, by their clones
  std::vector<Oid> scanned;       // tables
  std::vector<Oid> rebuilt;       // indexes of tables that were not rewritten
  std::vector<Oid> read;          // relations on which ACCESS SHARE was taken and nothing more

  static bool has(const std::vector<Oid>& what, Oid clone);
};

class engine {
 public:
  explicit engine(clone_names& names) : names_(names), held_before_(own_locks()) {}

  // Takes stock of the clones and gives back the locks that making them took.
  void begin();

  // Executes.  false: it failed, and nothing of it is left.
  bool run(const std::function<void()>& statement, effects&, reported_error&);
  // The same, and nothing of it is left in any case.
  bool probe(const std::function<void()>& statement, effects&, reported_error&);

  // As it was before the statement that ran last.
  const relation& at(Oid clone) const { return before_.at(clone); }
  bool knows(Oid clone) const { return before_.contains(clone) && OidIsValid(before_.at(clone).original); }
  const std::map<Oid, relation>& relations() const { return now_; }

 private:
  effects measure(bool keep);
  void release_locks();
  static std::int64_t scans_of_table(Oid clone, const std::map<Oid, relation>& among);

  unsigned new_modes(Oid, const locked_relation&) const;

  clone_names& names_;
  std::map<Oid, locked_relation> held_before_;  // by the caller's transaction; none of ours
  std::map<Oid, relation> now_, before_;
};

}  // namespace accord::check
