// concurrent: the forms that cannot be executed on clones: CONCURRENTLY and VACUUM not in a transaction, publications not without the original.
//
// They are executed in a form that can, for what it says of errors and reach; the locks are then those that were measured for the real one
// (test/hazards/concurrent.sh measures them again).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "server/check/clone_world.hpp"

namespace accord::check {

class concurrent_form {
 public:
  concurrent_form(Node* tree, clone_world&);

  bool applies() const { return kind_ != kind::none; }
  bool waits_for_snapshots() const { return kind_ == kind::create_index || kind_ == kind::reindex || kind_ == kind::drop_index; }
  bool is_vacuum() const { return kind_ == kind::vacuum || kind_ == kind::vacuum_full; }
  // Why PostgreSQL would refuse this form here; nothing where it would not.
  std::optional<std::string> refused(bool in_block) const;

  void make_plain(Node*& tree) const;
  void correct(effects&, const std::vector<Oid>& named, const engine&) const;

 private:
  enum class kind { none, create_index, drop_index, reindex, detach, refresh, vacuum, vacuum_full, publish };
  kind kind_ = kind::none;
  std::optional<std::string> refusal_;
};

}  // namespace accord::check
