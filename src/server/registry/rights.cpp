// Who may do what.  See rights.hpp.
#include "server/registry/rights.hpp"

#include <fmt/format.h>

#include "pg/pg.h"

namespace accord::rights {

bool is_member_of(const std::string& role) {
  const char* name = role.c_str();
  return pg([&] {
    Oid oid = get_role_oid(name, true);
    return OidIsValid(oid) && has_privs_of_role(GetUserId(), oid);
  });
}

bool is_admin() {
  return pg([] { return superuser(); }) || is_member_of("accord_admin");
}

bool owns_relation(Oid relation) {
  return pg([&] { return object_ownercheck_relation(relation, GetUserId()); });
}

std::string current_role() {
  return pg([] { return GetUserNameFromId(GetUserId(), false); });
}

void require_role_exists(const std::string& role) {
  const char* name = role.c_str();
  if (!pg([&] { return OidIsValid(get_role_oid(name, true)); }))
    throw failure(core::sqlstate::undefined_object, fmt::format("role \"{}\" does not exist", role));
}

void require_contract_owner(const std::string& owner, const std::string& contract_name) {
  if (is_admin() || is_member_of(owner)) return;
  throw failure(core::sqlstate::insufficient_privilege, fmt::format("must be owner of contract \"{}\"", contract_name),
                fmt::format("The contract is owned by role \"{}\".", owner));
}

}  // namespace accord::rights
