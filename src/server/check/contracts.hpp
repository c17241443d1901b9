// contracts: what a statement, executed on the clones, did to the contracts.
//
// The truth from the catalogs, as the guard judges it at the end of a command: shapes of the clones before and after, columns followed by
// number.
#pragma once

#include <map>
#include <vector>

#include "rule/statements.hpp"
#include "server/check/clone_world.hpp"
#include "server/check/row.hpp"
#include "server/consumers/references.hpp"
#include "server/guard/frames.hpp"
#include "server/guard/judgement.hpp"
#include "server/guard/verdict.hpp"

namespace accord::check {

class contracts {
 public:
  explicit contracts(clone_world& w) : world_(w) {}

  // All contracted relations among the clones.
  void watch(const engine&);

  // Rows for what the statement did, each a copy of `base`.  `everywhere`: it may have reached relations without locking them.
  std::vector<check_row> judge(const ddl::statement&, const effects&, const engine&, bool everywhere, const check_row& base);

  // For a statement that is judged with its transaction (accord.judge_at).  Is it of a watched relation?
  bool note(const ddl::statement&);
  // What has become of all of them since they were judged last.
  std::vector<check_row> judge_all(const engine&, const check_row& base);

  // The same from the parse tree alone, for a statement that PostgreSQL would refuse.
  std::vector<check_row> foresee(const ddl::statement&, const check_row& base) const;

 private:
  struct child {
    std::string name;
    bool has_rows = false;  // in the table that the clone is of
    bool retires = false;   // a partition that may go where the contract lets partitions go
  };
  struct watched {
    registry::promise p;
    std::vector<registry::promise> earlier;
    core::shape shape;
    change::renames renames;        // promised name -> name after the statements so far
    guard::stored_columns columns;  // by number, as they are now
    std::map<Oid, child> below;     // clones of its partitions and of those who inherit
    std::vector<consumers::reference_to> references;
    std::vector<core::finding> lost;  // what statements that were only noted have done to values
  };
  // `changes`: those of a statement of the relation's own; null: not known.
  void judge(Oid clone, watched&, const std::vector<change::any_change>* changes, const engine&, const check_row& base,
             std::vector<check_row>& into);
  void judge_successor(Oid clone, watched&, const engine&, const check_row& base, std::vector<check_row>& into);
  static Oid successor_of(Oid clone, const watched&, const engine&);
  static std::map<Oid, child> children_of(Oid clone, const engine&);
  std::vector<core::finding> moved_rows(Oid clone, watched&, const engine&);
  static std::vector<consumers::reference_to> references_to(Oid clone, const engine&);
  static void add_references(Oid clone, watched&, const engine&, guard::charges&);
  // Of the present version, and of earlier ones that are promised still, what the guard would say.
  static void say_all(const registry::promise&, const guard::charges&, const std::vector<change::any_change>&, const check_row& base,
                      std::vector<check_row>& into);
  static void say(const registry::promise&, const guard::charges&, const std::vector<change::any_change>&, const check_row& base,
                  std::vector<check_row>& into);

  clone_world& world_;
  std::map<Oid, watched> watched_;
};

}  // namespace accord::check
