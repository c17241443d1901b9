// needs: what accord.plan tells of a step beside its statement: rows, disk, WAL, time, and who is in its way.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pg/bridge.hpp"
#include "plan/step_cost.hpp"

namespace accord::migration {

class needs {
 public:
  enum class kind { catalog, backfill, index, proof };

  // The fields rows, disk, wal, estimate and in_the_way of a step.  `lock` as the plan says it: ACCESS EXCLUSIVE on flights; empty: none.
  std::vector<std::optional<std::string>> of(const std::vector<Oid>& tables, kind, const std::string& lock);

 private:
  const plan::table_size& size_of(Oid relation);
  const std::string& waits_for(Oid relation, LOCKMODE);

  std::map<Oid, plan::table_size> sizes_;
  std::map<std::pair<Oid, LOCKMODE>, std::string> holders_;
};

}  // namespace accord::migration
