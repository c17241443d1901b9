// ALTER ROLE, DATABASE and SYSTEM SET: a search_path that makes a table's name mean something else to a consumer's new sessions.
#include "server/guard/rebinding.hpp"
#include "server/registry/catalog.hpp"
#include "server/utility/handler.hpp"

#include "pg/pg.h"

namespace accord::utility {

namespace {

void judge_or_record(const std::vector<consumers::bound_name>& before, const std::vector<consumers::bound_name>& now, const statement& s) {
  if (!guard::judge_names(before, now, s)) guard::record(0, s.tag, s.text);
}

class judged_path : public judged {
 public:
  judged_path(const statement& s, std::optional<std::string> role)
      : s_(s), role_(std::move(role)), before_(consumers::bind_names(role_, consumers::server_search_path())) {}
  void after() override { judge_or_record(before_, consumers::bind_names(role_, consumers::server_search_path()), s_); }

 private:
  statement s_;
  std::optional<std::string> role_;
  std::vector<consumers::bound_name> before_;
};

// Not undone by an error: the file is written at once.  So it is judged before.
void judge_system(VariableSetStmt* set, const statement& s) {
  if (!pg([] { return superuser(); })) return;
  std::optional<std::string> path;
  if (set->kind == VAR_SET_VALUE) path = pg([&] { return ExtractSetVariableArgs(set); });
  judge_or_record(consumers::bind_names({}, consumers::server_search_path()), consumers::bind_names({}, path), s);
}

bool is_this_database(const char* name) {
  if (!name) return true;
  return pg([&] { return get_database_oid(name, true) == MyDatabaseId; });
}

}  // namespace

std::unique_ptr<judged> on_stored_setting(const statement& s) {
  std::optional<std::string> role;
  const char* database = nullptr;
  VariableSetStmt* set = nullptr;
  if (IsA(s.tree, AlterRoleSetStmt)) {
    auto* alter = reinterpret_cast<AlterRoleSetStmt*>(s.tree);
    set = alter->setstmt;
    database = alter->database;
    if (alter->role) {
      struct found {
        const char* name;
      };
      auto name = pg([&] {
        Oid oid = get_rolespec_oid(alter->role, true);
        return found{OidIsValid(oid) ? GetUserNameFromId(oid, true) : nullptr};
      });
      if (!name.name) return nullptr;
      role = name.name;
    }
  } else if (IsA(s.tree, AlterDatabaseSetStmt)) {
    set = reinterpret_cast<AlterDatabaseSetStmt*>(s.tree)->setstmt;
    database = reinterpret_cast<AlterDatabaseSetStmt*>(s.tree)->dbname;
  } else {
    set = reinterpret_cast<AlterSystemStmt*>(s.tree)->setstmt;
  }
  bool of_path = set->kind == VAR_RESET_ALL || (set->name && pg_strcasecmp(set->name, "search_path") == 0);
  if (!of_path || !is_this_database(database) || !guard::any_contract()) return nullptr;
  if (IsA(s.tree, AlterSystemStmt)) {
    judge_system(set, s);
    return nullptr;
  }
  return std::make_unique<judged_path>(s, std::move(role));
}

}  // namespace accord::utility
