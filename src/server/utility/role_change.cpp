// What roles may do: GRANT and REVOKE of roles, ALTER and DROP ROLE, REASSIGN OWNED.
//
// Told from what consumers can do before and after, whatever path of memberships it comes by.  A statement that takes nothing from a consumer
// passes, and is in the audit log where it concerns a contract.
#include "server/consumers/access.hpp"
#include "server/guard/judgement.hpp"
#include "server/guard/lost_rights.hpp"
#include "server/registry/catalog.hpp"
#include "server/utility/handler.hpp"

#include "pg/pg.h"

namespace accord::utility {

namespace {

// Contracted relations of the roles that REASSIGN OWNED names.
std::vector<Oid> owned_contracts(ReassignOwnedStmt* reassign) {
  std::vector<Oid> relations;
  for (int i = 0; i < list_length(reassign->roles); i++) {
    auto* role = static_cast<RoleSpec*>(list_nth(reassign->roles, i));
    Oid owner = pg([&] { return get_rolespec_oid(role, true); });
    auto rows = catalog::query(
        "SELECT k.relation::oid FROM accord_catalog.contract k JOIN pg_class c ON c.oid = k.relation WHERE c.relowner = $1::oid ORDER BY 1",
        {owner});
    for (const auto& row : rows)
      relations.push_back(row.oid(0));
  }
  return relations;
}

// Roles whose members have a say in accord itself.
bool grants_say(GrantRoleStmt* grant) {
  std::vector<std::string> names;
  for (int i = 0; i < list_length(grant->granted_roles); i++) {
    auto* role = static_cast<AccessPriv*>(list_nth(grant->granted_roles, i));
    if (role->priv_name) names.emplace_back(role->priv_name);
  }
  return !catalog::query(
              "SELECT FROM unnest($1::name[]) r(name) WHERE name = 'accord_admin' OR EXISTS (SELECT FROM accord_catalog.contract WHERE "
              "owner = name)"
              " OR EXISTS (SELECT FROM accord_catalog.consumer WHERE role = name)",
              {spi::array_literal(names)})
              .empty();
}

// The roles that the statement takes something from or gives something to.
List* touched_roles(Node* tree) {
  switch (nodeTag(tree)) {
    case T_GrantRoleStmt:
      return reinterpret_cast<GrantRoleStmt*>(tree)->grantee_roles;
    case T_DropRoleStmt:
      return reinterpret_cast<DropRoleStmt*>(tree)->roles;
    case T_ReassignOwnedStmt:
      return reinterpret_cast<ReassignOwnedStmt*>(tree)->roles;
    default: {
      auto* alter = reinterpret_cast<AlterRoleStmt*>(tree);
      List* roles = list_make1(alter->role);
      ListCell* cell;
      foreach (cell, alter->options) {
        auto* option = static_cast<DefElem*>(lfirst(cell));
        if (strcmp(option->defname, "rolemembers") == 0) roles = list_concat(roles, reinterpret_cast<List*>(option->arg));
      }
      return roles;
    }
  }
}

// The roles of consumers that are members of one of these, before the statement runs.
std::vector<std::string> consumers_behind(Node* tree) {
  List* touched = pg([&] {
    List* oids = NIL;
    ListCell* cell;
    foreach (cell, touched_roles(tree)) {
      Oid role = get_rolespec_oid(static_cast<RoleSpec*>(lfirst(cell)), true);
      if (OidIsValid(role)) oids = lappend_oid(oids, role);
    }
    return oids;
  });
  std::vector<std::string> roles;
  for (int i = 0; i < list_length(touched); i++)
    roles.push_back(std::to_string(list_nth_oid(touched, i)));
  static constinit spi::prepared statement{
      "SELECT DISTINCT u.role FROM accord_catalog.consumer u JOIN pg_roles g ON g.rolname = u.role"
      " WHERE EXISTS (SELECT FROM unnest($1::oid[]) r(role) WHERE pg_has_role(g.oid, r.role, 'MEMBER'))"};
  std::vector<std::string> names;
  for (const auto& row : catalog::run(statement, {spi::array_literal(roles)}))
    names.push_back(row.text(0));
  return names;
}

// What may go into the audit log.
std::string text_without_password(const statement& s) {
  if (!IsA(s.tree, AlterRoleStmt)) return s.text;
  List* options = reinterpret_cast<AlterRoleStmt*>(s.tree)->options;
  for (int i = 0; i < list_length(options); i++)
    if (strcmp(static_cast<DefElem*>(list_nth(options, i))->defname, "password") == 0) return "ALTER ROLE with a password";
  return s.text;
}

class judged_role_change : public judged {
 public:
  explicit judged_role_change(const statement& s)
      : s_(s), roles_(consumers_behind(s.tree)), before_(consumers::rights_of_consumers(roles_)) {
    s_.text = text_without_password(s);
    if (IsA(s.tree, GrantRoleStmt)) says_ = grants_say(reinterpret_cast<GrantRoleStmt*>(s.tree));
    if (IsA(s.tree, ReassignOwnedStmt))
      for (Oid relation : owned_contracts(reinterpret_cast<ReassignOwnedStmt*>(s.tree)))
        relations_.push_back({relation, registry::capture_shape(relation), guard::columns_of(relation), guard::sync_triggers_of(relation)});
  }

  // Nobody's rights can change by it, and it concerns no contract.
  bool is_idle() const { return roles_.empty() && relations_.empty() && !says_; }

  void after() override {
    auto now = consumers::rights_of_consumers(roles_);
    auto judged = guard::judge_lost_rights(before_, now, s_);
    for (const auto& w : relations_)
      judge_shape(w, judged);
    bool changed = now != before_;
    if (judged.empty() && relations_.empty() && (says_ || changed)) guard::record(0, s_.tag, s_.text);
  }

 private:
  void judge_shape(const guard::watched& w, const std::set<std::int64_t>& already) const {
    auto p = registry::promise_of(w.relation);
    if (!p) return;
    guard::frame f;
    f.tag = s_.tag;
    f.text = s_.text;
    guard::act_on_truth(*p, guard::seen(*p, w), f);
    if (!already.contains(p->contract.id)) guard::record(p->contract.id, s_.tag, s_.text);
  }

  statement s_;
  std::vector<std::string> roles_;
  std::vector<consumers::held_right> before_;
  std::vector<guard::watched> relations_;
  bool says_ = false;
};

}  // namespace

std::unique_ptr<judged> on_role_change(const statement& s) {
  if (!guard::any_contract()) return nullptr;
  auto judged = std::make_unique<judged_role_change>(s);
  if (judged->is_idle()) return nullptr;
  return judged;
}

}  // namespace accord::utility
